import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { accessJsonSchema, readAccess } from '../../actions/redshift-provision/src/access/access-file.ts';
import { readContract } from '../../actions/shared/src/contract/contract.ts';
import { failureOf } from '../contract/failure-of.ts';
import { files, root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS } from '../warehouse/films.ts';

const folder = await temporaryFolder();
let written = 0;

async function write(text: string): Promise<string> {
  const path = join(folder, `access-${++written}.yml`);
  await writeFile(path, text);
  return path;
}

const SOUND = `roles:
  - name: reader
    description: Reads.
    members:
      - user: ann
      - user: IAMR:dashboard
        create: true
    reads:
      - relation: films
        columns: [film_key, title]
        rows: rating >= 5
  - name: chief
    description: Reads more.
    inherits: [reader]
    reads:
      - relation: films_loads
        if_present: true
`;

/** The sound file with one text replaced; the text must be there. */
function withChange(from: string, to: string): string {
  if (!SOUND.includes(from)) throw new Error(`"${from}" does not stand in the sound file`);
  return SOUND.replace(from, to);
}

describe('an access file', () => {
  test('is read', async () => {
    expect(await readAccess(await write(SOUND), FILMS)).toEqual({
      roles: [
        {
          name: 'reader',
          description: 'Reads.',
          members: [{ user: 'ann' }, { user: 'IAMR:dashboard', create: true }],
          reads: [{ relation: 'films', columns: ['film_key', 'title'], rows: 'rating >= 5' }],
        },
        {
          name: 'chief',
          description: 'Reads more.',
          inherits: ['reader'],
          reads: [{ relation: 'films_loads', if_present: true }],
        },
      ],
    });
  });

  test.each<[what: string, from: string, to: string, told: RegExp]>([
    ['an unknown key', '    description: Reads.\n', '    descripton: x\n', /line 2, column 5: .*descripton/],
    ['a wrong type', 'create: true', 'create: maybe', /line 7, column 17: .*create/],
    ['everybody as a role', 'name: reader', 'name: Public', /line 2, column 11: .*must not be public/],
    ['everybody as a member', 'user: ann', 'user: public', /line 5, column 15: .*must not be public/],
    ['a role of Redshift’s', 'name: reader', 'name: sys:dba', /must not begin with sys:/],
    ['capital letters in a role', 'name: reader', 'name: Reader', /must be written in small letters/],
    ['a role without a name', 'name: reader', 'name: ""', /line 2, column 11/],
    ['a name with a control character', 'user: ann', 'user: "a\\nb"', /control character/],
    ['a name of 128 bytes', 'name: reader', `name: ${'é'.repeat(64)}`, /longer than 127 bytes/],
    [
      'a role twice',
      'name: chief',
      'name: reader',
      /line 12, column 11: roles.1.name: "reader" stands twice/,
    ],
    ['a member twice', 'user: IAMR:dashboard', 'user: ANN', /line 6, column 9: .*"ann" stands twice/],
    [
      'a relation twice',
      'if_present: true',
      'if_present: true\n      - relation: films_loads',
      /"films_loads" stands twice/,
    ],
    ['a column twice', '[film_key, title]', '[title, title]', /line 10, column 26: .*"title" stands twice/],
    ['a column that is none', 'title]', 'titel]', /line 10, column 29: .*"titel" is no column of films/],
    ['a role that is none', '[reader]', '[raeder]', /line 14, column 16: .*"raeder" is no role/],
    ['a role that inherits itself', '[reader]', '[chief]', /"chief" inherits "chief" itself/],
    [
      'rows of something else',
      'if_present: true',
      'rows: load_number > 1',
      /only films can have its rows restricted/,
    ],
    ['a second statement in rows', 'rating >= 5', '"TRUE); DROP TABLE films"', /must be one expression/],
    ['a comment in rows', 'rating >= 5', '"TRUE) -- "', /must be one expression/],
    ['nothing', SOUND, 'roles: []', /line 1/],
  ])('with %s is refused with its place', async (_what, from, to, told) => {
    const failure = await failureOf(readAccess(await write(withChange(from, to)), FILMS));
    expect(failure.kind).toBe('bad-input');
    expect(failure.why).toMatch(told);
  });

  test('with roles that inherit each other is refused', async () => {
    const circle = withChange(
      '    description: Reads.\n',
      '    description: Reads.\n    inherits: [chief]\n',
    );
    expect((await failureOf(readAccess(await write(circle), FILMS))).why).toMatch(/inherits "reader" itself/);
  });
});

describe('sql/access.yml', () => {
  test('fits the contract and names the three roles', async () => {
    const { roles } = await readAccess(join(root, 'sql', 'access.yml'), await readContract(files.contract));
    expect(roles.map(({ name }) => name)).toEqual(['imdb_analyst', 'imdb_application', 'imdb_steward']);
  });

  test('has beside it the schema of what may stand in it', async () => {
    const text = await readFile(join(root, 'sql', 'access.schema.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(accessJsonSchema())));
  });
});
