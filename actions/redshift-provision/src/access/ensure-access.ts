import type { Contract } from '../../../shared/src/contract/contract.ts';
import { PipelineError } from '../../../shared/src/errors.ts';
import { quoteIdentifier } from '../../../shared/src/sql-text.ts';
import type { TaskLog } from '../../../shared/src/task-log.ts';
import type { Drift, OnDrift } from '../drift.ts';
import { type Change, onceMore, runChanges } from '../table/run-changes.ts';
import type { TableTarget } from '../table/table-target.ts';
import { type Access, readAccess } from './access-file.ts';
import { type LiveAccess, readLiveAccess } from './live-access.ts';
import { type AccessPlan, knownUser, planAccess } from './plan-access.ts';
import { rightChanges } from './rights.ts';
import { type PolicyPlan, planPolicies } from './row-policies.ts';

/** What became of the access rights; each line tells one right. */
export interface EnsuredAccess {
  /** All lines of what was made, granted and revoked. */
  readonly changed: readonly string[];
  readonly granted: readonly string[];
  readonly revoked: readonly string[];
  /** How many rights were there as wanted. */
  readonly unchanged: number;
  readonly drift: readonly Drift[];
}

/**
 * Sees to it that the roles of the access file are there with the members and rights that it gives them,
 * and no others. Roles that it does not name are not touched. Everything is one transaction as long as a
 * batch of the Data API holds it. On DuckDB, which has no users, the file is read and checked only.
 *
 * @param accessFile the path of the access file.
 * @param changed told of each change once it is committed; what follows may fail.
 * @throws PipelineError `bad-input` when the file is not usable, or names users or relations that are not
 *   there; `failed-infra` when Redshift refuses a statement, and then nothing of its transaction was done.
 */
export async function ensureAccess(
  target: TableTarget,
  accessFile: string,
  contract: Contract,
  onDrift: OnDrift,
  log: TaskLog,
  changed: (line: string) => void = () => {},
): Promise<EnsuredAccess> {
  const access = await readAccess(accessFile, contract);
  if (target.engine === 'duckdb') {
    const reads = access.roles.flatMap((role) => role.reads).length;
    log.info(
      `${access.roles.length} roles with ${reads} rights read and checked; not enforced: DuckDB has no users`,
    );
    return { changed: [], granted: [], revoked: [], unchanged: 0, drift: [] };
  }

  const lines: string[] = [];
  const note = (line: string) => {
    lines.push(line);
    changed(line);
    log.info(line);
  };
  const { plan, policies } = await onceMore(async () => {
    const live = await readLiveAccess(target);
    refuseMissing(accessFile, access, live);
    const planned = {
      plan: planAccess(access, live, onDrift),
      policies: planPolicies(access, contract, live),
    };
    await runChanges(target, changesOf(access, live, planned), note);
    return planned;
  });

  if (policies.isAdded) {
    log.info(
      'rows are restricted: whoever loads must be a superuser or have IGNORE RLS, else a load sees no row',
    );
  }
  const told = (word: string) =>
    lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length));
  const [granted, revoked] = [told('granted: '), told('revoked: ')];
  const unchanged = plan.unchanged + policies.unchanged;
  log.info(`access: ${granted.length} granted, ${revoked.length} revoked, ${unchanged} unchanged`);
  return { changed: lines, granted, revoked, unchanged, drift: plan.drift };
}

/** Should it take several transactions, the first ones never leave a role with more than it is to have. */
function changesOf(
  access: Access,
  live: LiveAccess,
  { plan, policies }: { readonly plan: AccessPlan; readonly policies: PolicyPlan },
): Change[] {
  const roles = access.roles.map(({ name }) => name).filter((name) => !live.roles.has(name));
  return [
    ...missingUsers(access, live).map(({ user }) => ({
      sql: `CREATE USER ${quoteIdentifier(user)} PASSWORD DISABLE`,
      what: `user ${user} created`,
    })),
    ...roles.map((role) => ({
      sql: `CREATE ROLE ${quoteIdentifier(role)}`,
      what: `role ${role} created`,
    })),
    ...rightChanges('REVOKE', plan.revoked),
    ...policies.changes,
    // What a REVOKE took along was there before and is there after.
    ...rightChanges('GRANT', plan.restored).map(({ sql }) => ({ sql, what: null })),
    ...rightChanges('GRANT', plan.granted),
  ];
}

/** The members that are no users yet, each once. */
function missingUsers({ roles }: Access, live: LiveAccess): NonNullable<Access['roles'][number]['members']> {
  const members = roles.flatMap((role) => role.members ?? []);
  const missing = members.filter(({ user }) => !live.users.has(knownUser(user, live)));
  return missing.filter(
    ({ user }, index) => missing.findIndex((one) => one.user.toLowerCase() === user.toLowerCase()) === index,
  );
}

function refuseMissing(accessFile: string, access: Access, live: LiveAccess): void {
  const users = missingUsers(access, live)
    .filter(({ user }) => !isCreated(access, user))
    .map(({ user }) => `user ${user}`);
  const parts = access.roles
    .flatMap(({ reads }) => reads)
    .flatMap(({ relation, columns = [], if_present: isOptional }) => {
      const known = live.relations.get(relation);
      if (known === undefined) return isOptional === true ? [] : [`relation ${live.schema}.${relation}`];
      return columns.filter((column) => !known.has(column)).map((column) => `column ${relation}.${column}`);
    });
  const missing = [...new Set([...users, ...parts])];
  if (missing.length === 0) return;
  throw new PipelineError({
    kind: 'bad-input',
    what: 'The access file names what is not there',
    where: accessFile,
    why: missing.join(', '),
    done: 'No right was changed.',
    next: 'Make the users, or let the file say create: true; make the table first; or mend the file.',
  });
}

/** Whether the file lets the user be made, wherever it says so. */
function isCreated({ roles }: Access, user: string): boolean {
  return roles
    .flatMap((role) => role.members ?? [])
    .some((member) => member.create === true && member.user.toLowerCase() === user.toLowerCase());
}
