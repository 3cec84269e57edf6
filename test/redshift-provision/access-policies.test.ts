import { describe, expect, test } from '@jest/globals';
import type { Access } from '../../actions/redshift-provision/src/access/access-file.ts';
import type { LivePolicy } from '../../actions/redshift-provision/src/access/live-access.ts';
import { planPolicies as planChanges } from '../../actions/redshift-provision/src/access/row-policies.ts';
import { FILMS } from '../warehouse/films.ts';
import { unparsableParts } from './open-database.ts';

/** Two roles that read the films; the first one only those rows. */
function access(rows?: string): Access {
  const films = { relation: 'films' };
  return {
    roles: [
      { name: 'reader', description: 'Reads.', reads: [rows === undefined ? films : { ...films, rows }] },
      { name: 'chief', description: 'Reads all.', reads: [films, { relation: 'films_loads' }] },
    ],
  };
}

const NONE = { schema: 'public', policies: [] };

/** The plan, with its statements and its lines apart. */
function planPolicies(...[wanted, contract, live]: Parameters<typeof planChanges>) {
  const { changes, ...plan } = planChanges(wanted, contract, live);
  const lines = changes.flatMap(({ what }) => (what === null ? [] : [what]));
  return { ...plan, statements: changes.map(({ sql }) => sql), lines };
}

/** What the views tell once a plan's statements have run. */
function after(statements: readonly string[]) {
  const policies = statements.flatMap((sql): LivePolicy[] => {
    const [, name = '', grantee = ''] = /^ATTACH RLS POLICY "(\w+)" .* TO ROLE "(\w+)"$/.exec(sql) ?? [];
    return name === '' ? [] : [{ name, granteeKind: 'role', grantee, relation: 'films', isOn: true }];
  });
  return { schema: 'public', policies };
}

describe('row-level security', () => {
  test('is none as long as no role has a condition', () => {
    expect(planPolicies(access(), FILMS, NONE)).toEqual({
      statements: [],
      lines: [],
      isAdded: false,
      unchanged: 0,
    });
  });

  test('restricts a role, lets the others see all rows, and is switched on last', () => {
    const { statements, lines } = planPolicies(access(`rating >= 5 AND "order" < 9`), FILMS, NONE);
    const named = statements.map((sql) => sql.replaceAll(/films_rows_[0-9a-f]{12}/g, 'P'));
    expect(named).toEqual([
      'CREATE RLS POLICY "P" WITH ("order" INTEGER, "rating" DOUBLE PRECISION) USING (rating >= 5 AND "order" < 9)',
      'ATTACH RLS POLICY "P" ON "public"."films" TO ROLE "reader"',
      'CREATE RLS POLICY "P" USING (TRUE)',
      'ATTACH RLS POLICY "P" ON "public"."films" TO ROLE "chief"',
      'ALTER TABLE "public"."films" ROW LEVEL SECURITY ON',
    ]);
    expect(lines).toEqual([
      'granted: rows of films where rating >= 5 AND "order" < 9 to role reader',
      'granted: rows of films where TRUE to role chief',
      'row security of films switched on',
    ]);
    // sqlfluff does not know the last one, which stands in the developer guide's ALTER TABLE.
    expect(unparsableParts(statements.slice(0, -1))).toEqual([]);
  });

  test('stays as it is on a second run', () => {
    const live = after(planPolicies(access('rating >= 5'), FILMS, NONE).statements);
    expect(planPolicies(access('rating >= 5'), FILMS, live)).toEqual({
      statements: [],
      lines: [],
      isAdded: false,
      unchanged: 2,
    });
  });

  test('takes another condition in the old one’s place, and stays on', () => {
    const live = after(planPolicies(access('rating >= 5'), FILMS, NONE).statements);
    const { statements, unchanged } = planPolicies(access('rating >= 6'), FILMS, live);
    expect(statements.map((sql) => sql.split(' ').slice(0, 3).join(' '))).toEqual([
      'CREATE RLS POLICY',
      'ATTACH RLS POLICY',
      'DETACH RLS POLICY',
      'DROP RLS POLICY',
    ]);
    expect(unchanged).toBe(1);
    expect(unparsableParts(statements)).toEqual([]);
  });

  test('is switched off before its last policies go', () => {
    const live = after(planPolicies(access('rating >= 5'), FILMS, NONE).statements);
    const { statements, lines } = planPolicies(access(), FILMS, live);
    expect(statements[0]).toBe('ALTER TABLE "public"."films" ROW LEVEL SECURITY OFF');
    expect(statements).toHaveLength(5);
    expect(lines[0]).toBe('row security of films switched off');
    expect(lines).toHaveLength(3);
  });

  test.each<[kind: LivePolicy['granteeKind'], grantee: string]>([
    ['role', 'guest'],
    ['user', 'guest'],
    // A user may have the name of one of our roles.
    ['user', 'reader'],
    ['public', 'public'],
  ])('stays on, and others’ policies stay, where a %s, %s, has one on the table', (granteeKind, grantee) => {
    const ours = after(planPolicies(access('rating >= 5'), FILMS, NONE).statements);
    const theirs = { name: 'films_rows_theirs', granteeKind, grantee, relation: 'films', isOn: true };
    const live = { schema: 'public', policies: [...ours.policies, theirs] };
    const { statements } = planPolicies(access(), FILMS, live);
    expect(statements).toHaveLength(4);
    expect(statements.filter((sql) => /SECURITY|theirs/.test(sql))).toEqual([]);
  });

  test('that somebody switched off is switched on again, and told', () => {
    const { policies } = after(planPolicies(access('rating >= 5'), FILMS, NONE).statements);
    const off = policies.map((policy) => ({ ...policy, isOn: false }));
    const plan = planPolicies(access('rating >= 5'), FILMS, { schema: 'public', policies: off });
    expect(plan).toMatchObject({ lines: ['row security of films switched on'], unchanged: 2 });
  });
});
