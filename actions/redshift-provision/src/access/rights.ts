import { quoteIdentifier } from '../../../shared/src/sql-text.ts';
import type { Change } from '../table/run-changes.ts';

/** A right that a role gives or that is given with a role. */
export type Right =
  | { readonly kind: 'member'; readonly role: string; readonly user: string }
  /** `role` has the rights of `inherited` too. */
  | { readonly kind: 'inherits'; readonly role: string; readonly inherited: string }
  | {
      readonly kind: 'schema';
      readonly role: string;
      readonly schema: string;
      readonly privilege: string;
    }
  | {
      readonly kind: 'relation';
      readonly role: string;
      readonly schema: string;
      readonly relation: string;
      readonly privilege: string;
    }
  | {
      readonly kind: 'column';
      readonly role: string;
      readonly schema: string;
      readonly relation: string;
      readonly column: string;
      readonly privilege: string;
    };

/** What a right is known by; two rights are the same when their keys are. */
export function keyOf(right: Right): string {
  return JSON.stringify(Object.entries(right).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** The statements that give the rights, or take them, those on columns of one relation in one statement. */
export function rightChanges(verb: 'GRANT' | 'REVOKE', rights: readonly Right[]): Change[] {
  const lines = rightLines(rights);
  return groupColumns(rights).map((group, index) => {
    const [right] = group;
    const [preposition, told] = verb === 'GRANT' ? ['TO', 'granted'] : ['FROM', 'revoked'];
    return {
      sql: `${verb} ${objectOf(right, group)} ${preposition} ${holderOf(right)}`,
      what: `${told}: ${lines[index]}`,
    };
  });
}

/** The rights as a person reads them, those on columns of one relation in one line. */
export function rightLines(rights: readonly Right[]): string[] {
  return groupColumns(rights).map((group) => {
    const [right] = group;
    switch (right.kind) {
      case 'member':
        return `role ${right.role} of user ${right.user}`;
      case 'inherits':
        return `role ${right.inherited} of role ${right.role}`;
      case 'schema':
        return `${right.privilege} on schema ${right.schema} of role ${right.role}`;
      case 'relation':
        return `${right.privilege} on ${right.schema}.${right.relation} of role ${right.role}`;
      case 'column': {
        const columns = group.map((one) => (one.kind === 'column' ? one.column : '')).join(', ');
        return `${right.privilege} on ${right.schema}.${right.relation} (${columns}) of role ${right.role}`;
      }
    }
  });
}

type Group = readonly [Right, ...Right[]];

function groupColumns(rights: readonly Right[]): Group[] {
  const groups = new Map<string, [Right, ...Right[]]>();
  for (const right of rights) {
    const key = keyOf(right.kind === 'column' ? { ...right, column: '' } : right);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [right]);
    else group.push(right);
  }
  return [...groups.values()];
}

function objectOf(right: Right, group: Group): string {
  switch (right.kind) {
    case 'member':
      return `ROLE ${quoteIdentifier(right.role)}`;
    case 'inherits':
      return `ROLE ${quoteIdentifier(right.inherited)}`;
    case 'schema':
      return `${right.privilege} ON SCHEMA ${quoteIdentifier(right.schema)}`;
    case 'relation':
      return `${right.privilege} ON ${relationName(right)}`;
    case 'column': {
      const columns = group.map((one) => (one.kind === 'column' ? quoteIdentifier(one.column) : ''));
      return `${right.privilege} (${columns.join(', ')}) ON ${relationName(right)}`;
    }
  }
}

function holderOf(right: Right): string {
  return right.kind === 'member' ? quoteIdentifier(right.user) : `ROLE ${quoteIdentifier(right.role)}`;
}

/** The relation's name with its schema, quoted. */
export function relationName({
  schema,
  relation,
}: {
  readonly schema: string;
  readonly relation: string;
}): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(relation)}`;
}
