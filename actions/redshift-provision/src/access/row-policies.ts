import { createHash } from 'node:crypto';
import type { Contract } from '../../../shared/src/contract/contract.ts';
import { quoteIdentifier } from '../../../shared/src/sql-text.ts';
import { redshiftDialect } from '../../../shared/src/warehouse/redshift-dialect.ts';
import type { Change } from '../table/run-changes.ts';
import type { Access } from './access-file.ts';
import type { LivePolicy } from './live-access.ts';
import { relationName } from './rights.ts';

/** What is to be done about the policies. */
export interface PolicyPlan {
  /** In the order in which it runs. */
  readonly changes: readonly Change[];
  /** Whether rows are restricted from then on that were not. */
  readonly isAdded: boolean;
  readonly unchanged: number;
}

interface Policy {
  readonly name: string;
  readonly role: string;
  readonly condition: string;
}

/**
 * Plans the row-level security of the contract's table. Once it is on, whoever has no policy sees no row
 * (developer guide, Row-level security), so each role that reads the table gets one as soon as one role's
 * rows are restricted: those without a condition get TRUE. A policy's name holds a hash of its role and its
 * condition, for Redshift gives conditions back in words of its own: the name tells whether it is the same.
 */
export function planPolicies(
  { roles }: Access,
  contract: Contract,
  live: { readonly schema: string; readonly policies: readonly LivePolicy[] },
): PolicyPlan {
  const table = relationName({ schema: live.schema, relation: contract.table });
  const prefix = `${contract.table}_rows_`;
  const reads = roles.flatMap(({ name: role, reads: ofRole }) =>
    ofRole.filter(({ relation }) => relation === contract.table).map(({ rows }) => ({ role, rows })),
  );
  const isRestricted = reads.some(({ rows }) => rows !== undefined);
  const wanted: Policy[] = reads
    .filter(() => isRestricted)
    .map(({ role, rows: condition = 'TRUE' }) => {
      const hash = createHash('sha256')
        .update(JSON.stringify([role, condition]))
        .digest('hex');
      return { name: `${prefix}${hash.slice(0, 12)}`, role, condition };
    });

  const onTable = live.policies.filter(({ relation }) => relation === contract.table);
  const names = new Set(roles.map(({ name }) => name));
  const ours = onTable.filter(
    ({ name, granteeKind, grantee }) =>
      name.startsWith(prefix) && granteeKind === 'role' && names.has(grantee),
  );
  const isThere = ({ name, role }: Policy) => ours.some((one) => one.name === name && one.grantee === role);
  const added = wanted.filter((policy) => !isThere(policy));
  const removed = ours.filter(({ name }) => !wanted.some((policy) => policy.name === name));
  const isLast = wanted.length === 0 && onTable.length === removed.length;
  const security = `ALTER TABLE ${table} ROW LEVEL SECURITY`;

  const turn = (word: 'ON' | 'OFF'): Change => ({
    sql: `${security} ${word}`,
    what: `row security of ${contract.table} switched ${word.toLowerCase()}`,
  });

  return {
    changes: [
      // Off before the last policy goes, on after the first is there: at no moment is the table empty.
      ...(removed.length > 0 && isLast ? [turn('OFF')] : []),
      ...added.flatMap(({ name, role, condition }): Change[] => [
        {
          sql: `CREATE RLS POLICY ${quoteIdentifier(name)} ${withColumns(contract, condition)}USING (${condition})`,
          what: null,
        },
        {
          sql: `ATTACH RLS POLICY ${quoteIdentifier(name)} ON ${table} TO ROLE ${quoteIdentifier(role)}`,
          what: `granted: rows of ${contract.table} where ${condition} to role ${role}`,
        },
      ]),
      ...removed.flatMap(({ name, grantee }): Change[] => [
        {
          sql: `DETACH RLS POLICY ${quoteIdentifier(name)} ON ${table} FROM ROLE ${quoteIdentifier(grantee)}`,
          what: `revoked: policy ${name} of ${contract.table} from role ${grantee}`,
        },
        { sql: `DROP RLS POLICY ${quoteIdentifier(name)}`, what: null },
      ]),
      ...(wanted.length > 0 && !onTable.some(({ isOn }) => isOn) ? [turn('ON')] : []),
    ],
    isAdded: added.length > 0,
    unchanged: wanted.length - added.length,
  };
}

/** WITH names the table's columns that the condition uses, and their types (developer guide, CREATE RLS POLICY). */
function withColumns({ columns }: Contract, condition: string): string {
  const words = new Set(condition.toLowerCase().match(/[a-z_][a-z0-9_]*/g));
  const used = columns
    .filter(({ name }) => words.has(name))
    .map((column) => `${quoteIdentifier(column.name)} ${redshiftDialect.columnType(column)}`);
  return used.length === 0 ? '' : `WITH (${used.join(', ')}) `;
}
