import type { Contract } from '../../../shared/src/contract/contract.ts';
import { PipelineError } from '../../../shared/src/errors.ts';
import { quoteIdentifier } from '../../../shared/src/sql-text.ts';
import type { TaskLog } from '../../../shared/src/task-log.ts';
import type { Drift, OnDrift } from '../drift.ts';
import { runBatches } from '../table/run-batches.ts';
import type { TableTarget } from '../table/table-target.ts';
import { type Access, readAccess } from './access-file.ts';
import { type LiveAccess, readLiveAccess } from './live-access.ts';
import { knownUser, planAccess } from './plan-access.ts';
import { rightLines, rightStatements } from './rights.ts';
import { planPolicies } from './row-policies.ts';

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
 * @throws PipelineError `bad-input` when the file is not usable, or names users or relations that are not
 *   there; `failed-infra` when Redshift refuses a statement, and then nothing of its transaction was done.
 */
export async function ensureAccess(
  target: TableTarget,
  accessFile: string,
  contract: Contract,
  onDrift: OnDrift,
  log: TaskLog,
): Promise<EnsuredAccess> {
  const access = await readAccess(accessFile, contract);
  if (target.engine === 'duckdb') {
    const reads = access.roles.flatMap((role) => role.reads).length;
    log.info(
      `${access.roles.length} roles with ${reads} rights read and checked; not enforced: DuckDB has no users`,
    );
    return { changed: [], granted: [], revoked: [], unchanged: 0, drift: [] };
  }

  const live = await readLiveAccess(target);
  refuseMissing(accessFile, access, live);
  const plan = planAccess(access, live, onDrift);
  const policies = planPolicies(access, contract, live);
  const roles = access.roles.map(({ name }) => name).filter((name) => !live.roles.has(name));
  const users = missingUsers(access, live).map(({ user }) => user);

  // Should it take several transactions, the first ones never leave a role with more than it is to have.
  await runBatches(target, [
    ...users.map((user) => `CREATE USER ${quoteIdentifier(user)} PASSWORD DISABLE`),
    ...roles.map((role) => `CREATE ROLE ${quoteIdentifier(role)}`),
    ...rightStatements('REVOKE', plan.revoked),
    ...policies.statements,
    ...rightStatements('GRANT', [...plan.restored, ...plan.granted]),
  ]);

  const created = [
    ...users.map((user) => `user ${user} created`),
    ...roles.map((role) => `role ${role} created`),
  ];
  const granted = [...rightLines(plan.granted), ...policies.added];
  const revoked = [...rightLines(plan.revoked), ...policies.removed];
  const unchanged = plan.unchanged + policies.unchanged;
  const changed = [
    ...created,
    ...granted.map((line) => `granted: ${line}`),
    ...revoked.map((line) => `revoked: ${line}`),
  ];
  for (const line of changed) log.info(line);
  if (policies.added.length > 0) {
    log.info(
      'rows are restricted: whoever loads must be a superuser or have IGNORE RLS, else a load sees no row',
    );
  }
  log.info(`access: ${granted.length} granted, ${revoked.length} revoked, ${unchanged} unchanged`);
  return { changed, granted, revoked, unchanged, drift: plan.drift };
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
