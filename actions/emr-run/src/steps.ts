import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import { parseYaml } from '../../shared/src/read-yaml.ts';
import type { Inputs } from './inputs.ts';

/**
 * EMR's limits: steps that are open at once, the characters of one step's jar and arguments, and those of
 * its name (EMR Management Guide, submit work to a cluster; EMR API Reference, StepConfig).
 */
const MOST_STEPS = 256;
const MOST_CHARACTERS = 10_240;
const MOST_NAME_CHARACTERS = 256;
const JAR = 'command-runner.jar';
/** What Python can import; Spark puts it on the path. */
const PYTHON_MODULES: ReadonlySet<string> = new Set(['.py', '.zip', '.egg']);

/** A step of a cluster, as EMR's HadoopJarStep. */
export interface Step {
  /** Unique in its job. */
  readonly name: string;
  readonly jar: string;
  readonly arguments: readonly string[];
}

/** A file that a step needs. */
export interface JobFile {
  /** Where it is on this machine. */
  readonly path: string;
  /** Where the step finds it: `s3://bucket/prefix/scripts/<hash>/<name>`, or on this machine the path. */
  readonly uri: string;
}

/** What is to be run. */
export interface Job {
  readonly steps: readonly Step[];
  /** The scripts and their files, each once. */
  readonly files: readonly JobFile[];
}

const argument = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const stepName = z.string().min(1, 'must be given').max(MOST_NAME_CHARACTERS);
const writtenStep = z
  .strictObject({
    name: stepName,
    script: z.string().min(1).optional(),
    command: z.string().min(1).optional(),
    args: z.array(argument).default([]),
    files: z.array(z.string().min(1)).default([]),
  })
  .superRefine(({ name, script, command, files }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if ((script === undefined) === (command === undefined)) {
      refuse(`the step "${name}" must have one of script and command`);
    }
    if (command !== undefined && files.length > 0) {
      refuse(`the step "${name}" has files, which belong to a script`);
    }
  });

const writtenSteps = z
  .array(writtenStep)
  .min(1, 'must hold a step')
  .max(MOST_STEPS, `must hold ${MOST_STEPS} steps at most`)
  .superRefine((steps, context) => {
    const seen = new Set<string>();
    steps.forEach(({ name }, index) => {
      if (seen.has(name)) {
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" stands twice` });
      }
      seen.add(name);
    });
  });

type WrittenStep = z.output<typeof writtenStep>;

/**
 * The steps of the input `script` or `steps`, with the files that they need. On EMR the files are named by
 * where they are to be uploaded; on this machine by their paths, so that the arguments run as they are.
 *
 * @param workspace the folder that the paths are relative to.
 * @throws PipelineError `bad-input` that names the step and the file.
 */
export async function readJob(inputs: Inputs, workspace: string): Promise<Job> {
  const written = writtenJob(inputs);
  const files = new Map<string, JobFile>();
  const steps: Step[] = [];
  for (const step of written) {
    const needed: JobFile[] = [];
    for (const path of step.script === undefined ? [] : [step.script, ...step.files]) {
      const file = await jobFile(step.name, resolve(workspace, path), inputs);
      needed.push(file);
      files.set(file.uri, file);
    }
    checkNames(step.name, needed);
    const built: Step = { name: step.name, jar: JAR, arguments: argumentsOf(step, needed) };
    checkLength(built);
    steps.push(built);
  }
  return { steps, files: [...files.values()] };
}

function writtenJob(inputs: Inputs): readonly WrittenStep[] {
  if (inputs.steps !== null) return parseYaml(inputs.steps, 'input steps', writtenSteps);
  if (inputs.script === null) throw new TypeError('readInputs sees to it that there is a script or steps');
  const name = basename(inputs.script);
  return [
    { name, script: inputs.script, command: undefined, args: inputs['script-args'], files: inputs.files },
  ];
}

/**
 * The driver runs in client mode, on the primary node: so what the script prints is in the step's own
 * stdout.gz, its exceptions are in stderr.gz, and no YARN container's log has to be looked for (EMR
 * Release Guide, Add a Spark step). On YARN `--files` reaches the executors and, in client mode, not the
 * driver; the property spark.files reaches both, through SparkFiles (Spark's configuration page).
 */
function argumentsOf({ command, args }: WrittenStep, needed: readonly JobFile[]): string[] {
  if (command !== undefined) return [command, ...args];
  const [script, ...companions] = needed.map(({ uri }) => uri);
  if (script === undefined) throw new TypeError('a step without a command has a script');
  const isModule = (uri: string) => PYTHON_MODULES.has(extname(uri));
  const modules = companions.filter((uri) => isModule(uri));
  const others = companions.filter((uri) => !isModule(uri));
  return [
    ...['spark-submit', '--deploy-mode', 'client'],
    ...(modules.length === 0 ? [] : ['--py-files', modules.join(',')]),
    ...(others.length === 0 ? [] : ['--conf', `spark.files=${others.join(',')}`]),
    script,
    ...args,
  ];
}

/** The content's hash is in the address, so that a step never runs another text than the one it was made for. */
async function jobFile(step: string, path: string, { engine, bucket, prefix }: Inputs): Promise<JobFile> {
  const content = await readJobFile(path, `step "${step}"`);
  if (engine !== 'emr') return { path, uri: path };
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const folders = [bucket, prefix, 'scripts', hash].filter(Boolean).join('/');
  return { path, uri: `s3://${folders}/${basename(path)}` };
}

/**
 * A file of a job.
 *
 * @param who what needs it, for the message.
 * @throws PipelineError `bad-input` when it cannot be read.
 */
export async function readJobFile(path: string, who: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw refusal('A file of the job cannot be read', `${path}, needed by ${who}`, messageOf(error), error);
  }
}

/** Spark keeps all of a job's files in one folder, and takes their names from a list with commas. */
function checkNames(step: string, needed: readonly JobFile[]): void {
  const names = needed.map(({ path }) => basename(path));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw refusal('A step cannot be run', `step "${step}"`, `two of its files are called ${twice}`);
  }
  const unusable = names.find((name) => /[,#]/.test(name));
  if (unusable !== undefined) {
    throw refusal('A step cannot be run', `step "${step}"`, `the file name ${unusable} holds a "," or "#"`);
  }
}

function checkLength({ name, jar, arguments: given }: Step): void {
  const characters = [jar, ...given].reduce((sum, one) => sum + one.length, 0);
  if (characters <= MOST_CHARACTERS) return;
  const why = `its arguments have ${characters} characters, EMR takes ${MOST_CHARACTERS}`;
  throw refusal('A step cannot be run', `step "${name}"`, why);
}

function refusal(what: string, where: string, why: string, cause?: unknown): PipelineError {
  return new PipelineError(
    {
      kind: 'bad-input',
      what,
      where,
      why,
      done: 'Nothing was started.',
      next: 'Mend the inputs script, files, script-args or steps, and run again.',
    },
    { cause },
  );
}
