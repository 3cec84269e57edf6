import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readContract } from '../../actions/shared/src/contract/contract.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { failureOf } from './failure-of.ts';

const folder = await temporaryFolder();
let written = 0;

async function write(text: string): Promise<string> {
  const path = join(folder, `contract-${++written}.yml`);
  await writeFile(path, text);
  return path;
}

const SOUND = `table: films
description: One row for each film.
key: film_key
columns:
  - name: film_key
    specified_as: filmKey
    type: varchar
    max_bytes: 16
    nullable: false
    description: The film's key.
  - name: votes
    specified_as: votes
    type: integer
    nullable: true
    description: How many votes the film has.
`;

/** The sound contract with one text replaced; the text must be there. */
function withChange(from: string, to: string): string {
  if (!SOUND.includes(from)) throw new Error(`"${from}" does not stand in the sound contract`);
  return SOUND.replace(from, to);
}

describe('readContract', () => {
  test('reads a sound contract', async () => {
    expect(await readContract(await write(SOUND))).toEqual({
      table: 'films',
      description: 'One row for each film.',
      key: 'film_key',
      columns: [
        {
          name: 'film_key',
          specified_as: 'filmKey',
          type: 'varchar',
          max_bytes: 16,
          nullable: false,
          description: "The film's key.",
        },
        {
          name: 'votes',
          specified_as: 'votes',
          type: 'integer',
          nullable: true,
          description: 'How many votes the film has.',
        },
      ],
    });
  });

  // Where a key is missing, the position is that of the mapping it belongs in.
  test.each([
    [
      'an unknown key of a column',
      withChange('nullable: true', 'nullable: true\n    unique: true'),
      /line 15, column 5: columns\.1: .*"unique"/,
    ],
    [
      'an unknown key of the contract',
      withChange('key: film_key', 'key: film_key\nowner: me'),
      /line 4, column 1: .*"owner"/,
    ],
    [
      'an unknown type',
      withChange('type: integer', 'type: bigint'),
      /line 13, column 11: columns\.1\.type: .*"integer"/,
    ],
    [
      'a value of the wrong type',
      withChange('nullable: true', 'nullable: sometimes'),
      /line 14, column 15: columns\.1\.nullable: .*boolean/,
    ],
    [
      'a varchar without max_bytes',
      withChange('    max_bytes: 16\n', ''),
      /line 5, column 5: columns\.0: max_bytes belongs to every varchar/,
    ],
    [
      'max_bytes of another type',
      withChange('type: integer', 'type: integer\n    max_bytes: 4'),
      /line 11, column 5: columns\.1: max_bytes belongs to every varchar and to no other/,
    ],
    [
      'a varchar that is too wide for Redshift',
      withChange('max_bytes: 16', 'max_bytes: 65536'),
      /line 8, column 16: columns\.0\.max_bytes: .*65535/,
    ],
    [
      'a column name that is not snake_case',
      withChange('name: votes', 'name: numVotes'),
      /line 11, column 11: columns\.1\.name: must be a snake_case name/,
    ],
    [
      'a missing description of a column',
      withChange("    description: The film's key.\n", ''),
      /line 5, column 5: columns\.0\.description: /,
    ],
    [
      'a key that is no column',
      withChange('key: film_key', 'key: film_id'),
      /line 3, column 6: key: key must name one of the columns/,
    ],
    [
      'a column that stands twice',
      withChange('name: votes', 'name: film_key'),
      /line 5, column 3: columns: a column stands twice/,
    ],
    [
      'no column at all',
      'table: films\ndescription: None.\nkey: film_key\ncolumns: []\n',
      /line 4, column 10: columns: /,
    ],
    ['text that is not YAML', withChange('key: film_key', 'key: film: key'), /at line 3, column 6/],
    [
      'a YAML key that stands twice',
      withChange('key: film_key', 'key: film_key\nkey: votes'),
      /unique at line 4, column 1/,
    ],
    ['a YAML alias of nothing', withChange('key: film_key', 'key: *film'), /alias.*film/i],
    ['an empty file', '', /line 1, column 1: .*object/],
    ['a list in place of the contract', '- films\n', /line 1, column 1: .*object/],
  ])('refuses %s with file, line, column and reason', async (_what, text, why) => {
    const path = await write(text);
    const failure = await failureOf(readContract(path));
    expect(failure.kind).toBe('bad-input');
    expect(failure.where).toBe(path);
    expect(failure.why).toMatch(why);
  });

  test('tells all that is wrong at once', async () => {
    const text = withChange('type: integer', 'type: bigint').replace('nullable: false', 'nullable: no way');
    const { why } = await failureOf(readContract(await write(text)));
    expect(why).toMatch(/columns\.0\.nullable.*; line 13, column 11: columns\.1\.type/);
  });

  test('refuses a file that is not there and names it', async () => {
    const path = join(folder, 'absent.yml');
    const failure = await failureOf(readContract(path));
    expect(failure).toMatchObject({ kind: 'bad-input', where: path });
    expect(failure.why).toContain('ENOENT');
  });

  test('refuses a folder in place of the file and names it', async () => {
    const failure = await failureOf(readContract(folder));
    expect(failure).toMatchObject({ kind: 'bad-input', where: folder });
    expect(failure.why).toContain('EISDIR');
  });
});
