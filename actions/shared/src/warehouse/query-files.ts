import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { QueryReport } from './query-report.ts';
import type { Warehouse } from './warehouse.ts';

const QUESTION = /^--\s*(.+)$/m;

/**
 * Runs every .sql file of a folder, in the order of their names. A file holds one SELECT under a comment
 * that asks its question in words; its text runs on every warehouse as it is.
 */
export async function runQueryFiles(warehouse: Warehouse, folder: string): Promise<QueryReport[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const reports: QueryReport[] = [];
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8');
    const sql = text.replace(QUESTION, '').trim();
    const started = performance.now();
    const { columns, rows } = await warehouse.query({ sql: sql.replace(/;$/, '') });
    reports.push({
      name: basename(file, '.sql'),
      question: QUESTION.exec(text)?.[1] ?? basename(file, '.sql'),
      sql,
      columns,
      rows,
      seconds: (performance.now() - started) / 1000,
    });
  }
  return reports;
}
