import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckResult } from '../../actions/shared/src/checks/check-result.ts';
import type { CheckSubject } from '../../actions/shared/src/checks/check-subject.ts';
import { type Check, readChecks } from '../../actions/shared/src/checks/checks-file.ts';
import { runChecks } from '../../actions/shared/src/checks/run-checks.ts';
import { openDuckdbWarehouse } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import { createManifest } from '../lake/create-manifest.ts';
import { type Film, filmsSelect } from '../warehouse/films.ts';

/** What a check says in JSON, which YAML can read; only the name of the kind and its own keys must be told. */
export interface CheckText {
  readonly kind: string;
  readonly name?: string;
  readonly [key: string]: unknown;
}

/**
 * Runs the checks on a table that holds the rows of a SELECT.
 *
 * @returns the results in the order of the checks; a check without a name is called check_0, check_1, ...
 */
export async function runChecksOn(
  parent: string,
  select: string,
  checks: readonly CheckText[],
  subject: Partial<CheckSubject> = {},
): Promise<CheckResult[]> {
  const folder = await mkdtemp(join(parent, 'checks-'));
  const parsed = await parseChecks(folder, checks);
  const warehouse = await openDuckdbWarehouse(join(folder, 'warehouse.duckdb'), { attempts: 1, pauseMs: 0 });
  try {
    await warehouse.query({ sql: `CREATE TABLE staged AS ${select}` });
    const results = await runChecks(warehouse, createSubject(subject), parsed);
    // Whatever a check does, it must not change the table it looks at.
    const { rows } = await warehouse.query({ sql: `SELECT COUNT(*) FROM staged EXCEPT ${countOf(select)}` });
    if (rows.length > 0) throw new Error('a check has changed the table');
    return results;
  } finally {
    await warehouse.close();
  }
}

/** What the checks are run on: the table `staged`, after no load, with whatever the test says instead. */
export function createSubject(overrides: Partial<CheckSubject> = {}): CheckSubject {
  const manifest = createManifest();
  return {
    table: 'staged',
    key: 'film_key',
    manifest,
    sourceDate: manifest.source_date,
    lastRows: null,
    history: [],
    now: new Date(manifest.created_at),
    ...overrides,
  };
}

/** The checks as a file below the folder would give them. */
export async function parseChecks(folder: string, checks: readonly CheckText[]): Promise<readonly Check[]> {
  const file = join(await mkdtemp(join(folder, 'file-')), 'checks.yml');
  const described = checks.map((check, index) => ({
    name: `check_${index}`,
    description: 'A check.',
    ...check,
  }));
  await writeFile(file, JSON.stringify({ checks: described }));
  return readChecks(file);
}

/** Runs the checks on a table of films. */
export function checkFilms(
  parent: string,
  films: readonly Film[],
  checks: readonly CheckText[],
  subject: Partial<CheckSubject> = {},
): Promise<CheckResult[]> {
  return runChecksOn(parent, filmsSelect(films), checks, subject);
}

function countOf(select: string): string {
  return `SELECT COUNT(*) FROM (${select})`;
}
