import type { ActionResult } from '../../shared/src/action/action-result.ts';
import type { PipelineFailure } from '../../shared/src/errors.ts';
import { formatCount } from '../../shared/src/report/format.ts';
import type { TaskReport } from '../../shared/src/tasks.ts';
import type { EmrFacts } from './emr-context.ts';
import type { Inputs } from './inputs.ts';
import type { OutputManifest } from './output-manifest.ts';

/** What is known of a run that is over. */
export interface EndedRun {
  readonly inputs: Inputs;
  readonly failure: PipelineFailure | null;
  readonly facts: EmrFacts;
  /** Null when none was to be written, or none was read. */
  readonly manifest: OutputManifest | null;
  readonly tasks: readonly TaskReport[];
  readonly seconds: number;
}

/** The run as the action's outputs and summary tell it. */
export function describeRun({ inputs, failure, facts, manifest, tasks, seconds }: EndedRun): ActionResult {
  const outcome = failure?.kind ?? 'succeeded';
  const { clusterId, stepIds, state, reattached, costEur, expectedEur, atMostEur, logUrl } = facts;
  const written = manifest === null ? '' : (inputs.manifest ?? '');
  const rows = manifest?.rows ?? null;
  const shown: readonly (readonly [string, string | null])[] = [
    ['engine', inputs.engine],
    ['rows written', rows === null ? null : formatCount(rows)],
    ['manifest', written === '' ? null : written],
    ['cluster', clusterId === null ? null : `${clusterId}${state === null ? '' : `, ${state}`}`],
    ['gone on from an earlier attempt', reattached ? 'yes' : null],
    ['cost', costEur === null ? null : euro(costEur)],
    [
      'estimate before',
      expectedEur === null
        ? null
        : `${euro(expectedEur)} on Spot at the size's least, at most ${euro(atMostEur ?? 0)}`,
    ],
  ];
  return {
    title: `emr-run · ${inputs.script ?? 'steps'}`,
    outcome,
    failure,
    seconds,
    tasks,
    facts: shown.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
    links: logUrl === null ? [] : [['cluster and logs', logUrl]],
    outputs: {
      'cluster-id': clusterId ?? '',
      'step-ids': JSON.stringify(stepIds),
      state: state ?? '',
      reattached: String(reattached),
      'output-manifest': written,
      'rows-written': rows === null ? '' : String(rows),
      'cost-eur': costEur === null ? '' : costEur.toFixed(4),
      'log-url': logUrl ?? '',
    },
  };
}

function euro(amount: number): string {
  return `${amount.toFixed(2)} euro`;
}
