import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readContract } from '../../actions/shared/src/contract/contract.ts';
import { PUBLISH_MODES, publishStatements } from '../../actions/shared/src/warehouse/publish.ts';
import { copyStatements } from '../../actions/shared/src/warehouse/redshift-copy.ts';
import { redshiftDialect } from '../../actions/shared/src/warehouse/redshift-dialect.ts';
import { markStaging } from '../../actions/shared/src/warehouse/sweep-staging.ts';
import {
  commentStatements,
  createLedger,
  createMetrics,
  createStagingTable,
  createTable,
  freshnessSelect,
} from '../../actions/shared/src/warehouse/tables.ts';
import type { Statement } from '../../actions/shared/src/warehouse/warehouse.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
const contract = await readContract(files.contract);

const tableStatements: readonly string[] = [
  createTable(contract.table, contract, redshiftDialect),
  createStagingTable('imdb_titles_staging_1', contract, redshiftDialect),
  createLedger(contract),
  createMetrics(contract),
  `CREATE VIEW imdb_titles_freshness AS ${freshnessSelect(contract)}`,
  ...commentStatements(contract, redshiftDialect),
];

const stagingStatements = [
  ...copyStatements('imdb_titles_staging_1', contract, {
    manifest: 's3://lake/copies/imdb_titles_staging_1.json',
    roleArn: 'arn:aws:iam::123456789012:role/copy',
  }).map(({ sql }) => sql),
  markStaging('imdb_titles_staging_1', new Date('2026-11-23T06:04:05.678Z')),
];

const published = PUBLISH_MODES.map((mode): readonly [string, readonly Statement[]] => [
  `a publish in mode ${mode}`,
  publishStatements(
    contract,
    {
      loadId: '20261123T060405678Z-0123456789ab',
      runId: '20261123T060000000Z-0123456789ab',
      fingerprint: '0123456789ab',
      sourceDate: '2026-11-22T23:52:00.000Z',
      stagingTable: 'imdb_titles_staging_20261123t060405678z_0123456789ab',
      mode,
      publishedAt: '2026-11-23T06:05:00.000Z',
    },
    redshiftDialect,
  ),
]);

async function readSqlFiles(queryFolder: string): Promise<string[]> {
  const names = (await readdir(queryFolder)).filter((name) => name.endsWith('.sql'));
  return Promise.all(names.map((name) => readFile(join(queryFolder, name), 'utf8')));
}

const sqlOf: readonly (readonly [string, readonly string[]])[] = [
  ['what makes the tables', tableStatements],
  ['what stages a run', stagingStatements],
  // The Data API's parameters are no part of the language; a literal stands where each value goes.
  ...published.map(
    ([what, statements]) =>
      [what, statements.map(({ sql }) => sql.replaceAll(/:[a-z_]+/g, "'value'"))] as const,
  ),
  ['the example questions', await readSqlFiles(files.examples)],
  ['the profile', await readSqlFiles(files.profile)],
];

/** What sqlfluff says of the statements as Redshift's: how many it knows, and the sections it cannot parse. */
interface Parsed {
  readonly code: number | null;
  readonly parsed: number;
  readonly unparsable: readonly string[];
}

async function parseAsRedshift(statements: readonly string[]): Promise<Parsed> {
  const file = join(folder, 'statements.sql');
  const text = statements.map((sql) => sql.trim().replace(/;$/, '')).join(';\n\n');
  await writeFile(file, `${text};\n`);
  const sqlfluff = join(files.pythonEnvironment, 'bin', 'sqlfluff');
  const { status, stdout, error } = spawnSync(sqlfluff, ['parse', '--dialect', 'redshift', file], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return {
    code: status,
    parsed: stdout.match(/^\[L:[^|]*\| {4}statement:/gm)?.length ?? 0,
    unparsable: stdout.split('\n').filter((line) => /unparsable|PRS/.test(line)),
  };
}

describe('the SQL that is written in the words of Redshift', () => {
  test.each(sqlOf)('%s is parsed as such', async (_what, statements) => {
    expect(statements.length).toBeGreaterThanOrEqual(3);
    expect(await parseAsRedshift(statements)).toEqual({
      code: 0,
      parsed: statements.length,
      unparsable: [],
    });
  });

  test('the parser tells what Redshift does not know', async () => {
    const { code, unparsable } = await parseAsRedshift([
      'INSERT INTO a SELECT b FROM c ON CONFLICT DO NOTHING',
    ]);
    expect(code).toBe(1);
    expect(unparsable).not.toEqual([]);
  });

  // What commits or cannot be rolled back, what readers would notice, and what only other engines know.
  const denied =
    /TRUNCATE|\bAPPEND\b|\bRENAME\b|ON\s+CONFLICT|FILTER\s*\(|RETURNING|QUALIFY\s|COMMIT|GROUP BY ALL/i;

  test.each([...sqlOf])(
    '%s holds nothing that Redshift lacks or that cannot be undone',
    (_what, statements) => {
      const code = statements.map((sql) => sql.replaceAll(/'[^']*'/g, "''").replaceAll(/^--.*$/gm, ''));
      expect(code.filter((sql) => denied.test(sql))).toEqual([]);
    },
  );

  test.each(published)('%s gives each parameter that it names, and no other', (_what, statements) => {
    for (const { sql, parameters = {} } of statements) {
      const named = [...sql.matchAll(/:([a-z_]+)/g)].map(([text]) => text.slice(1));
      expect(named.toSorted()).toEqual(Object.keys(parameters).toSorted());
    }
  });

  test.each(published)('%s stays far below the 100 KB that a statement may have', (_what, statements) => {
    for (const { sql } of statements) expect(Buffer.byteLength(sql)).toBeLessThan(50_000);
  });

  test('the width of every text column stands in the DDL', () => {
    const ddl = tableStatements[0] ?? '';
    expect(ddl).toContain('"title_key" VARCHAR(16) NOT NULL');
    expect(ddl).toContain('"primary_title" VARCHAR(800) NOT NULL');
    expect(ddl).toContain('"average_rating" DOUBLE PRECISION,');
  });
});
