import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { INPUT_NAMES, readInputs } from '../../actions/redshift-copy/src/inputs.ts';
import { firstLoadIdOf } from '../../actions/redshift-copy/src/load-id.ts';
import { redshiftTarget } from '../../actions/redshift-copy/src/redshift-target.ts';
import { createManifest } from '../lake/create-manifest.ts';
import { root } from '../project.ts';
import { FILMS } from '../warehouse/films.ts';

const actionFile = z.object({ inputs: z.record(z.string(), z.object({ default: z.string() })) });
const { inputs: declared } = actionFile.parse(
  parse(readFileSync(join(root, 'actions', 'redshift-copy', 'action.yml'), 'utf8')),
);
const GIVEN: Readonly<Record<string, string>> = {
  manifest: 's3://lake/films/run=1/manifest.json',
  identifier: 'films',
  'iam-role': 'arn:aws:iam::123456789012:role/copy',
};
const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:films-abc';

/** The inputs as the runner hands them over: action.yml's defaults, and what stands under `with:`. */
const read = (given: Readonly<Record<string, string>> = {}) =>
  readInputs((name) => ({ ...GIVEN, ...given })[name] ?? declared[name]?.default ?? '');

test('the inputs are those of action.yml', () => {
  expect(INPUT_NAMES).toEqual(Object.keys(declared));
});

describe('an input that is not usable is named with what it may be', () => {
  test.each<[Readonly<Record<string, string>>, string]>([
    [{ phase: 'all' }, 'phase is "all"; it must be one of load, stage, publish, sweep'],
    [{ mode: 'upsert' }, 'mode is "upsert"; it must be one of replace, merge, append'],
    [{ 'delete-missing': 'true' }, 'delete-missing is "true"; it must be false when the mode is not merge'],
    [{ manifest: '' }, 'manifest is not given; it must be given'],
    [
      { manifest: 's3://lake/films/run=1' },
      'must be a path, or an address such as s3://bucket/folder/manifest.json',
    ],
    [{ manifest: 'lake/manifest.json' }, 'must be an S3 address when the engine is redshift'],
    [{ engine: 'duckdb', 'warehouse-file': 'x.duckdb' }, 'must be a path when the engine is duckdb'],
    [
      { engine: 'duckdb', manifest: 'x' },
      'warehouse-file is not given; it must be given when the engine is duckdb',
    ],
    [{ identifier: '' }, 'identifier is not given; it must be given when the engine is redshift'],
    [{ 'iam-role': '' }, 'iam-role is not given; it must be given when the engine is redshift'],
    [{ 'iam-role': 'copy' }, 'iam-role is "copy"; it must be the ARN of an IAM role'],
    [{ kind: 'cluster' }, 'secret-arn is not given; it must be given when the kind is cluster, or `db-user`'],
    [{ 'db-user': 'loader' }, 'must not be given when the kind is serverless'],
    [{ phase: 'stage', checks: 'x.yml' }, 'must not be given when the phase is not load'],
    [{ 'validation-report': 'x.json' }, 'must not be given when the phase is not publish'],
    [{ phase: 'sweep' }, 'must not be given when the phase is sweep'],
    [
      { phase: 'sweep', manifest: '', engine: 'duckdb', 'warehouse-file': 'x.duckdb' },
      'must not be sweep when the engine is duckdb',
    ],
    [{ 'min-rows-ratio': '1.5' }, 'must be a share from 0 to 1'],
    [{ 'timeout-minutes': '0' }, 'must be a whole number from 1 to 1440'],
  ])('%j', (given, told) => {
    expect(() => read(given)).toThrow(told);
  });
});

test('the inputs tell where the statements run', () => {
  expect(redshiftTarget(read())).toEqual({ kind: 'serverless', workgroup: 'films', database: 'dev' });
  expect(redshiftTarget(read({ 'secret-arn': SECRET }))).toMatchObject({ secretArn: SECRET });
  expect(redshiftTarget(read({ kind: 'cluster', 'db-user': 'loader' }))).toEqual({
    kind: 'cluster',
    cluster: 'films',
    database: 'dev',
    login: { dbUser: 'loader' },
  });
});

test('the id of a run’s first load is the same for the same contract, run, files and mode, and another for any other', () => {
  const manifest = createManifest();
  const id = firstLoadIdOf(FILMS, manifest, read());
  expect(id).toMatch(/^replace_[0-9a-f]{16}$/);
  expect(firstLoadIdOf(FILMS, createManifest({ created_at: '2026-11-24T06:04:01.000Z' }), read())).toBe(id);
  const others = [
    firstLoadIdOf({ ...FILMS, table: 'movies' }, manifest, read()),
    firstLoadIdOf({ ...FILMS, columns: FILMS.columns.slice(0, -1) }, manifest, read()),
    firstLoadIdOf(FILMS, { ...manifest, files: [{ path: 'part-0.parquet', bytes: 1, rows: 1 }] }, read()),
    firstLoadIdOf(FILMS, { ...manifest, run_id: 'other' }, read()),
    firstLoadIdOf(FILMS, { ...manifest, fingerprint: 'other' }, read()),
    firstLoadIdOf(FILMS, manifest, read({ mode: 'merge' })),
    firstLoadIdOf(FILMS, manifest, read({ mode: 'merge', 'delete-missing': 'true' })),
  ];
  expect(new Set([id, ...others]).size).toBe(8);
});
