import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readContract } from '../../actions/shared/src/contract/contract.ts';
import { contractTable } from '../../actions/shared/src/contract/contract-table.ts';
import { replaceGenerated } from '../../docs/replace-generated.ts';
import { files, root } from '../project.ts';
import { readDuckdb } from '../read-titles.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const readme = await readFile(join(root, 'README.md'), 'utf8');
const folder = await temporaryFolder();

describe('the README', () => {
  test('shows the table of the contract; npm run docs writes it', async () => {
    const table = contractTable(await readContract(files.contract));
    expect(replaceGenerated(readme, 'contract', table)).toBe(readme);
  });

  test('links only to files that are there', async () => {
    const targets = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target]) => target ?? '');
    expect(targets.length).toBeGreaterThan(10);
    await Promise.all(targets.map((target) => access(join(root, target))));
  });

  test('tells every option of the command, and no other', async () => {
    const { stdout } = await runCli('--help');
    const optionsOf = (text: string) =>
      new Set(text.match(/--(?:input|output|engine|mode|checks|quiet|\w+)\b/g));
    const told = readme.slice(readme.indexOf('| option |'), readme.indexOf('| exit code |'));
    expect([...optionsOf(told)].toSorted()).toEqual(
      [...optionsOf(stdout)].filter((option) => option !== '--help').toSorted(),
    );
  });

  test('asks a question that the warehouse answers', async () => {
    const sql = /```sql\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    await runCli('--quiet', '--output', folder);
    const { columns, rows } = await readDuckdb(sql, join(folder, 'warehouse.duckdb'));
    expect(columns).toEqual(['primary_title', 'average_rating']);
    expect(rows).toHaveLength(15);
  });
});

describe('generated text', () => {
  test('goes between its markers', () => {
    expect(replaceGenerated('a <!-- x -->old<!-- /x --> b', 'x', 'new')).toBe(
      'a <!-- x -->\n\nnew\n\n<!-- /x --> b',
    );
  });

  test.each(['no markers', '<!-- x -->', '<!-- /x --><!-- x -->', '<!-- x --><!-- x --><!-- /x -->'])(
    'is refused by "%s"',
    (document) => {
      expect(() => replaceGenerated(document, 'x', 'new')).toThrow(/each once and in this order/);
    },
  );
});
