import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  type ValidationReport,
  validationReport,
} from '../../actions/data-validate/src/validation-report.ts';
import { duckdbDialect, openDuckdbWarehouse } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import { metricsStatements } from '../../actions/shared/src/warehouse/metrics.ts';
import type { Warehouse } from '../../actions/shared/src/warehouse/warehouse.ts';
import { type ActionResult, type ActionStep, startAction } from '../aws/action-runner.ts';
import type { CheckText } from '../checks/check-films.ts';
import { root } from '../project.ts';
import { FILMS, type Film, filmsSelect } from '../warehouse/films.ts';

/** The warehouse file of a workspace, as the input `warehouse-file` names it. */
export const WAREHOUSE_FILE = 'warehouse.duckdb';

/** Films in which each check of {@link MIXED} finds what its name says. */
export const MIXED_FILMS: readonly Film[] = [
  ['tt1', 'Alpha', true, 1, 7.5],
  ['tt2', null, false, 2, 8.1],
  ['tt3', null, true, 3, null],
  ['tt4', 'Delta', null, 4, 11.5],
];

/** A check for each status; the file's first line with a check is line 2. */
export const MIXED: readonly CheckText[] = [
  { name: 'has_rows', kind: 'row_count', error: '< 1' },
  { name: 'title_present', kind: 'not_null', column: 'title', warn: '> 0', error: '> 2' },
  { name: 'rating_in_range', kind: 'range', column: 'rating', max: 10, error: '> 0' },
  { name: 'no_such_column', kind: 'not_null', column: 'tilte', warn: '> 0' },
];

/** A workspace with the contract of the films and a file of checks. */
export interface Workspace {
  readonly work: string;
  /** A step of the built action with these inputs; contract and checks are given. */
  step(inputs: Readonly<Record<string, string>>, environment?: Readonly<Record<string, string>>): ActionStep;
  /** Runs a step on the workspace's warehouse file. */
  validate(inputs?: Readonly<Record<string, string>>): Promise<ActionResult>;
  /** What the workspace's warehouse file is to hold. */
  fill(work: (warehouse: Warehouse) => Promise<void>): Promise<void>;
  /** The JSON report that the step wrote; it must have the form that is published. */
  report(): Promise<ValidationReport>;
  /** The text of one of the reports. */
  file(name: string): Promise<string>;
}

/** Makes a new workspace below the folder. */
export async function openWorkspace(parent: string, checks: readonly CheckText[]): Promise<Workspace> {
  const work = await mkdtemp(join(parent, 'work-'));
  await mkdir(join(work, 'sql'));
  await writeFile(join(work, 'sql', 'films.yml'), stringify(FILMS));
  const described = checks.map((check, index) => ({
    name: `check_${index}`,
    description: 'The films are right.',
    ...check,
  }));
  await writeFile(join(work, 'sql', 'checks.yml'), stringify({ checks: described }));
  const step: Workspace['step'] = (inputs, environment = {}) => ({
    folder: join(root, 'actions', 'data-validate'),
    work,
    inputs: { contract: 'sql/films.yml', checks: 'sql/checks.yml', ...inputs },
    environment,
  });
  const file = (name: string) => readFile(join(work, 'validation', name), 'utf8');
  return {
    work,
    step,
    validate: async (inputs = {}) =>
      (await startAction(step({ engine: 'duckdb', 'warehouse-file': WAREHOUSE_FILE, ...inputs }))).result,
    fill: async (fill) => {
      const warehouse = await openDuckdbWarehouse(join(work, WAREHOUSE_FILE), { attempts: 1, pauseMs: 0 });
      try {
        await fill(warehouse);
      } finally {
        await warehouse.close();
      }
    },
    report: async () => validationReport.parse(JSON.parse(await file('validation.json'))),
    file,
  };
}

/** Makes the table with these films, without a ledger. */
export async function createFilms(
  warehouse: Warehouse,
  films: readonly Film[],
  table = 'films',
): Promise<void> {
  await warehouse.query({ sql: `CREATE TABLE ${table} AS ${filmsSelect(films)}` });
}

/** Notes a published load of so many rows with what its checks measured. */
export function publishedLoad(
  number: number,
  rows: number,
  measured: Readonly<Record<string, number>>,
): { readonly sql: string }[] {
  const counts = [rows, 3, 2, 1, rows - 5, 0, 0, rows].join(', ');
  const metrics = Object.entries(measured).map(([name, value]) => ({ name, metric: 'measured', value }));
  return [
    {
      sql: `INSERT INTO films_loads VALUES (${number}, 'load-${number}', 'run-${number}', 'content-${number}', 'replace',
TIMESTAMP '2026-11-0${number} 23:52:00', TIMESTAMP '2026-11-0${number} 23:58:00', ${counts})`,
    },
    ...metricsStatements(FILMS, `load-${number}`, metrics, duckdbDialect),
  ];
}
