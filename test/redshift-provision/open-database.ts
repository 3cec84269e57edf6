import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { TableTarget } from '../../actions/redshift-provision/src/table/table-target.ts';
import type { TaskLog } from '../../actions/shared/src/task-log.ts';
import { openRedshiftWarehouse } from '../../actions/shared/src/warehouse/redshift-warehouse.ts';
import { files } from '../project.ts';
import type { RedshiftFilms } from '../warehouse/redshift-films.ts';

/** A database of its own in the bed's workgroup. */
export interface OpenDatabase {
  readonly name: string;
  readonly target: TableTarget;
  /** The statements that changed something or tried to, in order. */
  readonly written: string[];
  readonly rowsOf: (sql: string) => Promise<readonly (readonly unknown[])[]>;
  /** Runs statements that must succeed, each in its own transaction. */
  readonly run: (...sqls: readonly string[]) => Promise<void>;
}

/** Opens a new database as the action does, through the Data API. */
export async function openDatabase(films: RedshiftFilms): Promise<OpenDatabase> {
  const name = `provision_${randomUUID().slice(0, 8)}`;
  const warehouse = await openRedshiftWarehouse({
    api: films.api({}, name),
    copy: films.copy(),
    loadId: 'provision',
  });
  const written: string[] = [];
  return {
    name,
    written,
    target: {
      ...warehouse,
      engine: 'redshift',
      transact: (statements) => {
        written.push(...statements.map(({ sql }) => sql));
        return warehouse.transact(statements);
      },
    },
    rowsOf: async (sql) => (await warehouse.query({ sql })).rows,
    run: async (...sqls) => {
      for (const sql of sqls) await warehouse.transact([{ sql }]);
    },
  };
}

/** A log that keeps its lines. */
export function keepLog(): TaskLog & { readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, info: (line) => void lines.push(line), progress: () => {} };
}

/** What sqlfluff cannot parse of the statements as Redshift's. */
export function unparsableParts(sqls: readonly string[]): readonly string[] {
  const sqlfluff = join(files.pythonEnvironment, 'bin', 'sqlfluff');
  const { stdout, status, error } = spawnSync(sqlfluff, ['parse', '--dialect', 'redshift', '-'], {
    encoding: 'utf8',
    input: `${sqls.join(';\n')};\n`,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  const parsed = stdout.match(/^\[L:[^|]*\| {4}statement:/gm)?.length ?? 0;
  const parts = stdout.split('\n').filter((line) => /unparsable|PRS/.test(line));
  return status === 0 && parsed === sqls.length ? parts : [`${parsed} statements`, ...parts];
}
