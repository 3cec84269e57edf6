import { parseArgs } from 'node:util';
import { type GenerateOptions, generateDataset } from './generate-dataset.ts';

const usage = 'usage: node lib/bench/generate.js --titles NUMBER --output DIRECTORY [--seed NUMBER] [--gzip]';

function wholeNumber(name: string, value: string, least: number): number {
  const number = Number(value);
  if (/^[0-9]+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`--${name} is ${JSON.stringify(value)}; it must be a whole number of at least ${least}`);
}

function readArguments(): GenerateOptions {
  const { values } = parseArgs({
    options: {
      titles: { type: 'string' },
      output: { type: 'string' },
      seed: { type: 'string', default: '1' },
      gzip: { type: 'boolean', default: false },
    },
  });
  if (values.titles === undefined) throw new Error('--titles is missing');
  if (values.output === undefined) throw new Error('--output is missing');
  return {
    directory: values.output,
    titles: wholeNumber('titles', values.titles, 1),
    seed: wholeNumber('seed', values.seed, 0),
    gzip: values.gzip,
  };
}

function argumentsOrExit(): GenerateOptions {
  try {
    return readArguments();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

const options = argumentsOrExit();
const started = performance.now();
await generateDataset(options);
const seconds = (performance.now() - started) / 1000;
console.log(
  `${options.titles} titles in ${options.directory}, ${seconds.toFixed(1)} s, ` +
    `${Math.round(options.titles / seconds)} a second`,
);
