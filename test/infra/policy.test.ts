import { expect, test } from '@jest/globals';
import { isAllowed, type Need, type Statement, withoutAction } from './policy.ts';

const read: Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::lake/raw/*' };
const raw: Need = { action: 's3:GetObject', resource: 'arn:aws:s3:::lake/raw/a' };
const when = (operator: string, key: string, value: string): Statement => ({
  ...read,
  Condition: { [operator]: { [key]: value } },
});

// IAM User Guide: "Policy evaluation logic" and the JSON policy elements Action, Resource and Condition.
test.each<[what: string, statements: readonly Statement[], need: Need, isSo: boolean]>([
  ['what is allowed', [read], raw, true],
  ['nothing without a statement', [], raw, false],
  ['no other action', [read], { ...raw, action: 's3:PutObject' }, false],
  ['an action in other letters', [{ ...read, Action: 'S3:getobject' }], raw, true],
  ['no other resource', [read], { ...raw, resource: 'arn:aws:s3:::lake/raw' }, false],
  ['no resource in other letters', [read], { ...raw, resource: 'arn:aws:s3:::lake/RAW/a' }, false],
  ['dots as dots', [{ ...read, Resource: 'a.c' }], { ...raw, resource: 'abc' }, false],
  ['a question mark as one letter', [{ ...read, Resource: 'a?c' }], { ...raw, resource: 'abc' }, true],
  ['nothing that is denied too', [read, { ...read, Effect: 'Deny' }], raw, false],
  ['a condition that holds', [when('StringEquals', 'k', 'v')], { ...raw, context: { k: 'v' } }, true],
  [
    'no pattern under StringEquals',
    [when('StringEquals', 'k', 'v*')],
    { ...raw, context: { k: 'v1' } },
    false,
  ],
  ['a pattern under StringLike', [when('StringLike', 'k', 'v*')], { ...raw, context: { k: 'v1' } }, true],
  ['no key that is absent', [when('StringLike', 'k', '*')], raw, false],
  [
    'the caller in a variable',
    [when('StringEquals', 'owner', '${aws:userid}')],
    { ...raw, context: { owner: 'AROA:run', 'aws:userid': 'AROA:run' } },
    true,
  ],
])('IAM allows %s', (_what, Statement, need, isSo) => {
  expect(isAllowed([{ Version: '2012-10-17', Statement }], need)).toBe(isSo);
});

test('an operator that is not known is not passed over', () => {
  const Statement = [when('NumericEquals', 'k', '1')];
  const need = { ...raw, context: { k: '1' } };
  expect(() => isAllowed([{ Version: '2012-10-17', Statement }], need)).toThrow('NumericEquals');
});

test('an action that is taken away leaves the others', () => {
  const policy = {
    Version: '2012-10-17',
    Statement: [{ ...read, Action: ['s3:GetObject', 's3:PutObject'] }, read],
  };
  expect(withoutAction(policy, 's3:GetObject').Statement).toEqual([{ ...read, Action: ['s3:PutObject'] }]);
});
