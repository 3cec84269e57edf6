/** A statement of an identity policy, as far as the project's policies use the language. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** An identity policy. */
export interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/** Something that a call needs to be allowed. */
export interface Need {
  /** For example `s3:GetObject`. */
  readonly action: string;
  /** An ARN, or `*` for an action that knows no resources. */
  readonly resource: string;
  /** Condition keys with their values; what is not there is absent from the request. */
  readonly context?: Readonly<Record<string, string | undefined>>;
}

/**
 * Whether the policies allow what is needed: some statement allows it and none denies it (IAM User Guide, "Policy
 * evaluation logic").
 *
 * @throws RangeError for an operator that it does not know, so that no condition is passed over.
 */
export function isAllowed(policies: readonly Policy[], need: Need): boolean {
  const applying = policies
    .flatMap(({ Statement }) => Statement)
    .filter((statement) => applies(statement, need));
  return applying.length > 0 && applying.every(({ Effect }) => Effect === 'Allow');
}

/** The same policy without an action; what has no action left goes. */
export function withoutAction({ Version, Statement }: Policy, action: string): Policy {
  const left = Statement.flatMap((statement) => {
    const Action = list(statement.Action).filter((one) => one !== action);
    return Action.length === 0 ? [] : [{ ...statement, Action }];
  });
  return { Version, Statement: left };
}

/** What may be one or several, as a list. */
export function list<Value>(value: Value | readonly Value[]): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
}

function applies({ Action, Resource, Condition = {} }: Statement, need: Need): boolean {
  return (
    list(Action).some((pattern) => isLike(pattern.toLowerCase(), need.action.toLowerCase())) &&
    list(Resource).some((pattern) => isLike(pattern, need.resource)) &&
    Object.entries(Condition).every(([operator, lines]) =>
      Object.entries(lines).every(([key, wanted]) => holds(operator, key, list(wanted), need.context ?? {})),
    )
  );
}

function holds(
  operator: string,
  key: string,
  wanted: readonly string[],
  context: NonNullable<Need['context']>,
): boolean {
  const actual = context[key];
  if (actual === undefined) return false;
  // The one policy variable that the policies use.
  const values = wanted.map((text) => text.replaceAll('${aws:userid}', context['aws:userid'] ?? ''));
  if (operator === 'StringEquals') return values.includes(actual);
  if (operator === 'StringLike') return values.some((pattern) => isLike(pattern, actual));
  throw new RangeError(`the operator ${operator} of ${key} is not known here`);
}

/** `*` stands for any text and `?` for any character. */
function isLike(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text);
}
