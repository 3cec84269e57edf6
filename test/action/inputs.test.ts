import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import {
  amount,
  lines,
  oneOf,
  optionalText,
  parseInputs,
  requiredText,
  s3Uri,
  whenGiven,
  wholeNumber,
  yesOrNo,
} from '../../actions/shared/src/action/inputs.ts';
import { failureOf } from '../contract/failure-of.ts';

/** What the schema makes of a text. */
function parse(schema: z.ZodType, text: string): unknown {
  return parseInputs(z.strictObject({ input: schema }), () => text).input;
}

function refusalOf(schema: z.ZodType, text: string) {
  return failureOf(Promise.resolve().then(() => parse(schema, text)));
}

describe('an input', () => {
  test.each<[string, z.ZodType, string, unknown]>([
    ['a required text', requiredText, 'titles', 'titles'],
    ['an optional text', optionalText, 'titles', 'titles'],
    ['an optional text that is not given', optionalText, '', null],
    ['a word', oneOf(['emr', 'spark']), 'spark', 'spark'],
    ['yes', yesOrNo, 'true', true],
    ['no', yesOrNo, 'false', false],
    ['the least number', wholeNumber(60, 604_800), '60', 60],
    ['the greatest number', wholeNumber(60, 604_800), '604800', 604_800],
    ['an amount', amount, '0.50', 0.5],
    ['a list', lines, '  --input\n\n s3://raw/ \n', ['--input', 's3://raw/']],
    ['an empty list', lines, '', []],
    ['an address', s3Uri, 's3://titles/run=1/', 's3://titles/run=1/'],
    ['a bucket', s3Uri, 's3://titles', 's3://titles'],
    ['an address that is not given', whenGiven(s3Uri), '', null],
  ])('%s is read', (_case, schema, text, expected) => {
    expect(parse(schema, text)).toEqual(expected);
  });

  test.each<[string, z.ZodType, string, string]>([
    ['a missing text', requiredText, '', 'input is not given; it must be given'],
    ['another word', oneOf(['emr', 'spark']), 'EMR', 'input is "EMR"; it must be one of emr, spark'],
    ['a misspelt yes', yesOrNo, 'ture', 'input is "ture"; it must be one of true, false'],
    ['too little', wholeNumber(1, 9), '0', 'input is "0"; it must be a whole number from 1 to 9'],
    ['too much', wholeNumber(1, 9), '10', 'input is "10"; it must be a whole number from 1 to 9'],
    ['no number', wholeNumber(1, 9), '5m', 'input is "5m"; it must be a whole number from 1 to 9'],
    ['a unit', amount, '2 euro', 'input is "2 euro"; it must be a number such as 2 or 0.50, with no unit'],
    ['less than nothing', amount, '-1', 'input is "-1"; it must be a number such as 2 or 0.50, with no unit'],
    ['a path', s3Uri, '/titles', 'input is "/titles"; it must be an S3 address such as s3://bucket/folder'],
    [
      'a wrong optional address',
      whenGiven(s3Uri),
      's3:/titles',
      'input is "s3:/titles"; it must be an S3 address such as s3://bucket/folder',
    ],
  ])('%s is refused', async (_case, schema, text, why) => {
    expect(await refusalOf(schema, text)).toMatchObject({ kind: 'bad-input', where: 'input input', why });
  });

  test('tells all that is wrong at once', async () => {
    const schema = z.strictObject({ engine: oneOf(['emr']), bucket: requiredText, size: requiredText });
    const given: Record<string, string> = { engine: 'emrx', bucket: '', size: 'small' };
    const failure = await failureOf(
      Promise.resolve().then(() => parseInputs(schema, (name) => given[name] ?? '')),
    );
    expect(failure).toMatchObject({
      what: '2 inputs are not usable',
      where: 'input engine, input bucket',
      why: 'engine is "emrx"; it must be one of emr; bucket is not given; it must be given',
    });
  });
});
