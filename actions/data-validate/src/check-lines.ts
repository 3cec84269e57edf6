import { readFile } from 'node:fs/promises';
import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';

/** Where each check of a checks file begins, by its name; lines count from 1. */
export async function readCheckLines(path: string): Promise<ReadonlyMap<string, number>> {
  const counter = new LineCounter();
  const document = parseDocument(await readFile(path, 'utf8'), { lineCounter: counter });
  const checks = document.get('checks');
  const lines = new Map<string, number>();
  for (const check of isSeq(checks) ? checks.items : []) {
    if (!isMap(check)) continue;
    lines.set(String(check.get('name')), counter.linePos(check.range?.[0] ?? 0).line);
  }
  return lines;
}
