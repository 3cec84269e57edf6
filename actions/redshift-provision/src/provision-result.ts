import type { ActionResult } from '../../shared/src/action/action-result.ts';
import type { PipelineFailure } from '../../shared/src/errors.ts';
import type { TaskReport } from '../../shared/src/tasks.ts';
import { roundedUp } from './cost.ts';
import type { Inputs } from './inputs.ts';
import type { ProvisionFacts } from './provision-access.ts';

/** What is known of a step that is over. */
export interface EndedProvision {
  readonly inputs: Inputs;
  readonly failure: PipelineFailure | null;
  readonly facts: ProvisionFacts;
  readonly tasks: readonly TaskReport[];
  readonly seconds: number;
}

const AS_ASKED = ': all was there as asked for';

/** The step as the action's outputs and summary tell it. */
export function describeProvision({ inputs, failure, facts, tasks, seconds }: EndedProvision): ActionResult {
  const { changed, drift, cost, endpoint, secretArn } = facts;
  const isDuckdb = inputs.engine === 'duckdb';
  const kind = isDuckdb ? 'duckdb' : inputs.kind;
  const identifier = isDuckdb ? '' : (inputs.identifier ?? '');
  const isServerless = kind === 'serverless';
  const isAsAsked = failure === null && drift.length === 0;
  const shown: readonly (readonly [string, string | null])[] = [
    ['warehouse', isDuckdb ? inputs['warehouse-file'] : `${kind} ${identifier}, database ${inputs.database}`],
    ['state', isDuckdb ? null : tellThere(facts)],
    ['endpoint', endpoint],
    ['changed', changed.length > 0 ? changed.join('; ') : `nothing${isAsAsked ? AS_ASKED : ''}`],
    [
      'drift',
      drift.length === 0
        ? null
        : drift.map(({ subject, wanted, found }) => `${subject} is ${found}, wanted is ${wanted}`).join('; '),
    ],
    [
      'cost an hour',
      cost === null ? null : `${euro(cost.hourEur)}${isServerless ? ' while it works; idle is free' : ''}`,
    ],
    ['cost a day', cost === null ? null : `at most ${roundedUp(cost.dayAtMostEur)} euro: ${cost.arithmetic}`],
    ['ceiling a day', cost === null ? null : ceiling(inputs['max-cost-eur'])],
    [
      'afterwards',
      isDuckdb || !inputs.ensure.includes('warehouse')
        ? null
        : isLeftAlone(facts)
          ? 'left as it was found'
          : afterwards(inputs.after, isServerless),
    ],
  ];
  return {
    title: `redshift-provision · ${isDuckdb ? 'duckdb' : identifier}`,
    outcome: failure?.kind ?? 'succeeded',
    failure,
    seconds,
    tasks,
    facts: shown.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
    links: [],
    outputs: {
      endpoint: endpoint ?? '',
      identifier,
      kind,
      database: isDuckdb ? '' : inputs.database,
      'secret-arn': secretArn ?? '',
      changed: String(changed.length > 0),
      drift: JSON.stringify(drift),
      'cost-per-hour-eur': cost === null ? '' : cost.hourEur.toFixed(4),
    },
  };
}

/**
 * Whether the post step leaves the warehouse as it is: it was refused as it was found, and this run is not
 * what made or resumed it.
 */
export function isLeftAlone({ isRefused, isStarted }: ProvisionFacts): boolean {
  return isRefused && !isStarted;
}

/** The failure with what exists by now, so that nothing half done is hidden. */
export function withWhatIsThere(
  failure: PipelineFailure,
  inputs: Inputs,
  facts: ProvisionFacts,
): PipelineFailure {
  const there = tellThere(facts);
  if (there === null) return failure;
  const { after, kind } = inputs;
  const isEnded = after === 'delete' || (after === 'pause' && kind === 'cluster');
  const fate =
    isEnded && !isLeftAlone(facts)
      ? `The post step will ${after} it.`
      : 'It stays; the same inputs go on from there.';
  return { ...failure, done: `${failure.done} There is now: ${there}. ${fate}` };
}

function tellThere({ there }: ProvisionFacts): string | null {
  return there.size === 0 ? null : [...there].map(([subject, state]) => `${subject} (${state})`).join(', ');
}

function ceiling(eur: number | null): string {
  return eur === null ? 'none' : euro(eur);
}

function afterwards(after: Inputs['after'], isServerless: boolean): string {
  if (after === 'pause' && isServerless) return 'Serverless has no pause; idle is free';
  return { keep: 'kept', pause: 'paused', delete: 'deleted' }[after];
}

function euro(amount: number): string {
  return `${amount.toFixed(2)} euro`;
}
