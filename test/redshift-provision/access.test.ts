import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ensureAccess } from '../../actions/redshift-provision/src/access/ensure-access.ts';
import type { OnDrift } from '../../actions/redshift-provision/src/drift.ts';
import { ensureTable } from '../../actions/redshift-provision/src/table/ensure-table.ts';
import type { TableTarget } from '../../actions/redshift-provision/src/table/table-target.ts';
import { type Contract, readContract } from '../../actions/shared/src/contract/contract.ts';
import { openDuckdbWarehouse } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import { failureOf } from '../contract/failure-of.ts';
import { files, root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS } from '../warehouse/films.ts';
import { startRedshiftFilms } from '../warehouse/redshift-films.ts';
import { keepLog, type OpenDatabase, openDatabase, unparsableParts } from './open-database.ts';

const films = startRedshiftFilms();
const folder = await temporaryFolder();

let database: OpenDatabase;
/** Ends the names of a test's users and roles: the server keeps them beyond its database. */
let suffix: string;
let [reader, chief, ann, bob] = ['', '', '', ''];
beforeEach(async () => {
  database = await openDatabase(films);
  suffix = randomUUID().slice(0, 8);
  [reader, chief, ann, bob] = [`reader_${suffix}`, `chief_${suffix}`, `ann_${suffix}`, `bob_${suffix}`];
  await ensureTable(database.target, FILMS, 'small', 'fail', keepLog());
  await database.run(
    "INSERT INTO films (film_key, title, rating) VALUES ('f1', 'A title', 7.5)",
    `CREATE USER ${ann} PASSWORD DISABLE`,
    `CREATE USER ${bob} PASSWORD DISABLE`,
  );
});

async function ensure(roles: readonly object[], onDrift: OnDrift = 'fail') {
  const path = join(folder, `access-${randomUUID()}.yml`);
  const whole = roles.map((role) => ({ description: 'A role.', reads: [], ...role }));
  // What is JSON is YAML too.
  await writeFile(path, JSON.stringify({ roles: whole }));
  return ensureFile(path, FILMS, onDrift);
}

async function ensureFile(path: string, contract: Contract, onDrift: OnDrift = 'fail') {
  database.written.length = 0;
  const log = keepLog();
  const ensured = await ensureAccess(database.target, path, contract, onDrift, log);
  return { ...ensured, lines: log.lines, written: [...database.written] };
}

/** What the user is told for a question: `ok`, or why not. */
async function ask(user: string, sql: string): Promise<string> {
  try {
    await database.target.transact([
      { sql: `SET SESSION AUTHORIZATION "${user.replaceAll('"', '""')}"` },
      { sql },
    ]);
    return 'ok';
  } catch (error) {
    return /permission denied for \w+ \S+/.exec(String(error))?.[0] ?? String(error);
  }
}

const DENIED = 'permission denied for table films';

describe('the roles of sql/access.yml', () => {
  test('may read what they are to read, and nothing else', async () => {
    const titles = await readContract(files.contract);
    await ensureTable(database.target, titles, 'standard', 'fail', keepLog());
    const users = ['analyst', 'application', 'steward'].map((role) => `${role}_${suffix}`);
    for (const user of users) await database.run(`CREATE USER ${user} PASSWORD DISABLE`);
    const questions = [
      'SELECT title_key, primary_title, num_votes FROM imdb_titles',
      'SELECT directors FROM imdb_titles',
      'SELECT source_date FROM imdb_titles_freshness',
      'SELECT load_id FROM imdb_titles_loads',
      'SELECT measured FROM imdb_titles_metrics',
      'DELETE FROM imdb_titles',
    ];
    const answers = async () => {
      const told: Record<string, string> = {};
      for (const user of users) {
        const each: string[] = [];
        for (const question of questions) each.push((await ask(user, question)) === 'ok' ? 'yes' : 'no');
        told[user.replace(`_${suffix}`, '')] = each.join(' ');
      }
      return told;
    };
    expect(await answers()).toEqual({
      analyst: 'no no no no no no',
      application: 'no no no no no no',
      steward: 'no no no no no no',
    });

    const path = join(root, 'sql', 'access.yml');
    const first = await ensureFile(path, titles);
    expect(first.drift).toEqual([]);
    expect(first.revoked).toEqual([]);
    expect(first.changed).toContain('role imdb_analyst created');
    expect(unparsableParts(first.written)).toEqual([]);
    for (const user of users)
      await database.run(`GRANT ROLE imdb_${user.replace(`_${suffix}`, '')} TO ${user}`);
    const wanted = {
      analyst: 'yes yes yes no no no',
      application: 'yes no yes no no no',
      steward: 'yes yes yes yes yes no',
    };
    expect(await answers()).toEqual(wanted);

    // The file names no members, so those that were given by hand stay.
    const second = await ensureFile(path, titles);
    // USAGE for three roles, what they read (2 relations, 9 columns and 1 relation, 2 relations), one inheritance.
    expect(second).toMatchObject({ changed: [], drift: [], written: [], unchanged: 3 + 2 + 10 + 2 + 1 });
    expect(second.lines).toEqual(['access: 0 granted, 0 revoked, 18 unchanged']);
    expect(await answers()).toEqual(wanted);
  });
});

describe('rights', () => {
  const member = () => [{ user: ann }];
  const whole = { relation: 'films' };
  const some = { relation: 'films', columns: ['film_key', 'rating'] };

  test('that are too many are taken back, those of other roles stay', async () => {
    await ensure([{ name: reader, members: member(), reads: [whole] }]);
    await database.run(
      'CREATE TABLE other (n INTEGER)',
      `CREATE ROLE guest_${suffix}`,
      `GRANT INSERT, DELETE ON films TO ROLE ${reader}`,
      `GRANT SELECT ON other TO ROLE ${reader}`,
      `GRANT SELECT (film_key) ON films TO ROLE ${reader}`,
      `GRANT CREATE ON SCHEMA public TO ROLE ${reader}`,
      `GRANT SELECT ON other TO ROLE guest_${suffix}`,
      `GRANT ROLE guest_${suffix} TO ROLE ${reader}`,
      `GRANT SELECT ON films TO ${bob}`,
    );
    expect(await ask(ann, 'SELECT n FROM other')).toBe('ok');
    expect(await ask(ann, 'DELETE FROM films WHERE FALSE')).toBe('ok');
    const { revoked, granted, unchanged } = await ensure([
      { name: reader, members: member(), reads: [whole] },
    ]);
    expect(revoked.toSorted()).toEqual(
      [
        `CREATE on schema public of role ${reader}`,
        `DELETE on public.films of role ${reader}`,
        `INSERT on public.films of role ${reader}`,
        `SELECT on public.films (film_key) of role ${reader}`,
        `SELECT on public.other of role ${reader}`,
        `role guest_${suffix} of role ${reader}`,
      ].toSorted(),
    );
    expect([granted, unchanged]).toEqual([[], 3]);
    expect(await ask(ann, 'SELECT n FROM other')).toBe('permission denied for table other');
    expect(await ask(ann, 'DELETE FROM films WHERE FALSE')).toBe(DENIED);
    expect(await ask(ann, 'SELECT title FROM films')).toBe('ok');
    expect(await ask(bob, 'SELECT title FROM films')).toBe('ok');
    expect(
      await database.rowsOf(
        `SELECT identity_name FROM svv_relation_privileges WHERE relation_name = 'other'`,
      ),
    ).toEqual([[`guest_${suffix}`]]);
  });

  test('are narrowed to columns and widened again, each with one run', async () => {
    await ensure([{ name: reader, members: member(), reads: [whole] }]);
    expect(await ask(ann, 'SELECT title FROM films')).toBe('ok');

    const narrowed = await ensure([{ name: reader, members: member(), reads: [some] }]);
    expect(narrowed.granted).toEqual([`SELECT on public.films (film_key, rating) of role ${reader}`]);
    expect(narrowed.revoked).toEqual([`SELECT on public.films of role ${reader}`]);
    expect(unparsableParts(narrowed.written)).toEqual([]);
    expect(await ask(ann, 'SELECT film_key, rating FROM films')).toBe('ok');
    expect(await ask(ann, 'SELECT title FROM films')).toBe(DENIED);

    const fewer = { ...some, columns: ['rating'] };
    expect((await ensure([{ name: reader, members: member(), reads: [fewer] }])).revoked).toHaveLength(1);
    expect(await ask(ann, 'SELECT rating FROM films')).toBe('ok');
    expect(await ask(ann, 'SELECT film_key FROM films')).toBe(DENIED);

    await ensure([{ name: reader, members: member(), reads: [whole] }]);
    expect(await ask(ann, 'SELECT title FROM films')).toBe('ok');
    const again = await ensure([{ name: reader, members: member(), reads: [whole] }]);
    expect(again).toMatchObject({ changed: [], unchanged: 3 });
  });

  test('on columns outlive that the right on the whole table is taken', async () => {
    await ensure([{ name: reader, members: member(), reads: [some] }]);
    await database.run(`GRANT SELECT ON films TO ROLE ${reader}`);
    const { revoked, granted } = await ensure([{ name: reader, members: member(), reads: [some] }]);
    expect([granted, revoked]).toEqual([[], [`SELECT on public.films of role ${reader}`]]);
    expect(await ask(ann, 'SELECT film_key, rating FROM films')).toBe('ok');
    expect(await ask(ann, 'SELECT title FROM films')).toBe(DENIED);
    expect((await ensure([{ name: reader, members: member(), reads: [some] }])).changed).toEqual([]);
  });

  test('are inherited, and no longer when the file says so no more', async () => {
    const roles = (inherits: readonly string[]) => [
      { name: reader, reads: [whole] },
      { name: chief, members: member(), inherits, reads: [{ relation: 'films_loads' }] },
    ];
    await ensure(roles([reader]));
    expect(await ask(ann, 'SELECT title FROM films')).toBe('ok');
    expect((await ensure(roles([]))).revoked).toEqual([`role ${reader} of role ${chief}`]);
    expect(await ask(ann, 'SELECT title FROM films')).toBe(DENIED);
    expect(await ask(ann, 'SELECT load_id FROM films_loads')).toBe('ok');
  });

  test('on a relation that is not there fail, or wait for it where the file says so', async () => {
    const reads = [whole, { relation: 'films_checks' }];
    const failure = await failureOf(ensure([{ name: reader, reads }]));
    expect(failure).toMatchObject({ kind: 'bad-input', why: 'relation public.films_checks' });
    expect(await database.rowsOf(`SELECT 1 FROM svv_roles WHERE role_name = '${reader}'`)).toEqual([]);

    const waiting = [whole, { relation: 'films_checks', if_present: true }];
    expect((await ensure([{ name: reader, reads: waiting }])).granted).toHaveLength(2);
    await database.run('CREATE TABLE films_checks (n INTEGER)');
    expect((await ensure([{ name: reader, reads: waiting }])).granted).toEqual([
      `SELECT on public.films_checks of role ${reader}`,
    ]);
  });

  test('on a column that is not there fail before anything is done', async () => {
    const reads = [{ relation: 'films_loads', columns: ['load_id', 'lode_id'] }];
    const failure = await failureOf(ensure([{ name: reader, reads }]));
    expect(failure).toMatchObject({ kind: 'bad-input', why: 'column films_loads.lode_id' });
    expect(database.written).toEqual([]);
  });

  test('of more roles than a batch holds are given all the same', async () => {
    const roles = Array.from({ length: 25 }, (_, index) => ({ name: `r${index}_${suffix}`, reads: [whole] }));
    expect((await ensure(roles)).granted).toHaveLength(50);
    expect((await ensure(roles)).unchanged).toBe(50);
  });
});

describe('members', () => {
  test('are those of the file and no others', async () => {
    await ensure([{ name: reader, members: [{ user: ann }], reads: [{ relation: 'films' }] }]);
    await database.run(`GRANT ROLE ${reader} TO ${bob}`);
    const { granted, revoked } = await ensure([
      { name: reader, members: [{ user: ann }], reads: [{ relation: 'films' }] },
    ]);
    expect([granted, revoked]).toEqual([[], [`role ${reader} of user ${bob}`]]);
    expect(await ask(ann, 'SELECT title FROM films')).toBe('ok');
    expect(await ask(bob, 'SELECT title FROM films')).toBe(DENIED);
    expect((await ensure([{ name: reader, members: [], reads: [{ relation: 'films' }] }])).revoked).toEqual([
      `role ${reader} of user ${ann}`,
    ]);
  });

  test('that are no users are named, and nothing is done', async () => {
    const members = [{ user: ann }, { user: `nobody_${suffix}` }];
    const failure = await failureOf(ensure([{ name: reader, members }]));
    expect(failure).toMatchObject({
      kind: 'bad-input',
      why: `user nobody_${suffix}`,
      done: 'No right was changed.',
    });
    expect(database.written).toEqual([]);
  });

  test('are made without a password where the file says so, also those of IAM, and once', async () => {
    const members = [
      { user: `IAMR:Dashboard-${suffix}`, create: true },
      { user: ann, create: true },
    ];
    const roles = [
      { name: reader, members, reads: [{ relation: 'films' }] },
      { name: chief, members: members.slice(0, 1) },
    ];
    const { changed, written } = await ensure(roles);
    expect(changed[0]).toBe(`user IAMR:Dashboard-${suffix} created`);
    expect(written.filter((sql) => sql.startsWith('CREATE USER'))).toEqual([
      `CREATE USER "IAMR:Dashboard-${suffix}" PASSWORD DISABLE`,
    ]);
    expect(unparsableParts(written)).toEqual([]);
    expect(await ask(`iamr:dashboard-${suffix}`, 'SELECT title FROM films')).toBe('ok');
    expect((await ensure(roles)).changed).toEqual([]);
  });
});

describe('names that would do harm', () => {
  test.each<[name: string]>([
    [`a"; drop table films; --`],
    [`x' or '1'='1`],
    [`select`],
    [`r) to public; grant all on films to public; --`],
    [`with space, and comma`],
    [`:film_key`],
    [`100%s \\ $1`],
    ['"public"'],
  ])('are names and nothing more: %s', async (hostile) => {
    const name = `${hostile} ${suffix}`;
    // The bed has one name space for users and roles.
    const user = `${name} user`;
    const roles = [{ name, members: [{ user, create: true }], reads: [{ relation: 'films' }] }];
    const { written } = await ensure(roles);
    expect(written.length).toBe(5);
    expect(await database.rowsOf('SELECT film_key FROM films')).toEqual([['f1']]);
    expect(await ask(user, 'SELECT title FROM films')).toBe('ok');
    // Nobody else got anything by it.
    expect(await ask(ann, 'SELECT title FROM films')).toBe(DENIED);
    expect(
      await database.rowsOf("SELECT 1 FROM svv_relation_privileges WHERE identity_type = 'public'"),
    ).toEqual([]);
    expect((await ensure(roles)).changed).toEqual([]);
    const { revoked } = await ensure([{ name, members: [] }]);
    expect(revoked).toHaveLength(3);
    expect(await ask(user, 'SELECT title FROM films')).toBe(DENIED);
  });
});

describe('what weakens the file and is not its own', () => {
  const roles = () => [
    { name: reader, members: [{ user: ann }], reads: [{ relation: 'films', columns: ['film_key'] }] },
  ];

  test('is told and stays', async () => {
    await ensure(roles());
    await database.run(
      'GRANT SELECT ON films TO PUBLIC',
      'CREATE SCHEMA elsewhere',
      'CREATE TABLE elsewhere.secrets (n INTEGER)',
      `GRANT SELECT ON elsewhere.secrets TO ROLE ${reader}`,
      `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ROLE ${reader}`,
      `CREATE ROLE guest_${suffix}`,
      `GRANT ROLE ${reader} TO ROLE guest_${suffix}`,
    );
    const { drift, changed, written } = await ensure(roles());
    expect([changed, written]).toEqual([[], []]);
    expect(drift).toEqual([
      {
        subject: `access: SELECT on elsewhere.secrets of role ${reader}`,
        wanted: 'not granted',
        found: 'granted, not by this file',
      },
      {
        subject: `access: role ${reader}`,
        wanted: 'only the members that the file names',
        found: `role guest_${suffix} has it too`,
      },
      {
        subject: 'access: relation films',
        wanted: 'only the rights of the file',
        found: 'everybody (PUBLIC) has SELECT',
      },
      {
        subject: `access: role ${reader}`,
        wanted: 'no rights on tables to come',
        found: 'default privileges give SELECT in schema public',
      },
    ]);
    expect((await ensure(roles(), 'apply')).revoked).toEqual([
      `SELECT on elsewhere.secrets of role ${reader}`,
    ]);
    expect((await ensure(roles())).drift).toHaveLength(3);
  });
});

test('what another gives in the same moment is no failure, and is not told as given', async () => {
  const path = join(folder, `access-${suffix}.yml`);
  const role = { name: reader, description: 'A role.', reads: [{ relation: 'films' }] };
  const members = [{ user: `eve_${suffix}`, create: true }];
  await writeFile(path, JSON.stringify({ roles: [{ ...role, members }] }));
  let other: ReturnType<typeof ensureFile> | null = null;
  const late: TableTarget = {
    ...database.target,
    // Both have seen that neither the user nor the role is there.
    transact: async (statements) => {
      other ??= ensureFile(path, FILMS);
      expect((await other).granted).toHaveLength(3);
      await database.target.transact(statements);
    },
  };
  expect(await ensureAccess(late, path, FILMS, 'fail', keepLog())).toMatchObject({
    changed: [],
    unchanged: 3,
  });
});

test('a transaction that Redshift refuses leaves nothing behind', async () => {
  // The bed has no row-level security, so it refuses what comes after the roles were made.
  const reads = [{ relation: 'films', rows: 'rating >= 5' }];
  const failure = await failureOf(ensure([{ name: reader, members: [{ user: ann }], reads }]));
  expect(failure.why).toMatch(/the bed lacks row-level security/);
  expect(database.written.length).toBeGreaterThan(4);
  expect(await database.rowsOf(`SELECT 1 FROM svv_roles WHERE role_name = '${reader}'`)).toEqual([]);
  expect(await ask(ann, 'SELECT title FROM films')).toBe(DENIED);
});

describe('on DuckDB', () => {
  test('the table is made and compared, and the file is checked and not enforced', async () => {
    const patience = { attempts: 1, pauseMs: 0 };
    const warehouse = await openDuckdbWarehouse(join(folder, `${suffix}.duckdb`), patience);
    try {
      const target = { ...warehouse, engine: 'duckdb' as const };
      const titles = await readContract(files.contract);
      const made = await ensureTable(target, titles, 'x100', 'fail', keepLog());
      expect([made.changed.length, made.drift]).toEqual([5, []]);
      const again = keepLog();
      expect(await ensureTable(target, titles, 'x100', 'fail', again)).toEqual({ changed: [], drift: [] });
      expect(again.lines).toEqual(['table imdb_titles: nothing to change, no DDL was run']);

      const log = keepLog();
      const ensured = await ensureAccess(target, join(root, 'sql', 'access.yml'), titles, 'fail', log);
      expect(ensured.changed).toEqual([]);
      expect(log.lines).toEqual([
        '3 roles with 6 rights read and checked; not enforced: DuckDB has no users',
      ]);
      const failure = await failureOf(ensureAccess(target, files.contract, titles, 'fail', log));
      expect(failure.kind).toBe('bad-input');
    } finally {
      await warehouse.close();
    }
  });
});
