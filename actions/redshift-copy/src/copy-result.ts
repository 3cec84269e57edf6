import type { ActionResult } from '../../shared/src/action/action-result.ts';
import type { PipelineFailure } from '../../shared/src/errors.ts';
import { formatBytes, formatCount } from '../../shared/src/report/format.ts';
import type { TaskReport } from '../../shared/src/tasks.ts';
import type { CopyFacts } from './copy-tasks.ts';
import type { Inputs } from './inputs.ts';

/** What is known of a load that is over. */
export interface EndedCopy {
  readonly inputs: Inputs;
  readonly failure: PipelineFailure | null;
  readonly facts: CopyFacts;
  readonly tasks: readonly TaskReport[];
  readonly seconds: number;
}

/** The load as the action's outputs and summary tell it. */
export function describeCopy({ inputs, failure, facts, tasks, seconds }: EndedCopy): ActionResult {
  const { table, warehouse, stagingTable, rowsInManifest, bytes, load, swept } = facts;
  const rowsStaged = facts.rowsStaged ?? load?.rows_staged ?? null;
  const loadId = load?.load_id ?? facts.loadId;
  const mode = inputs['delete-missing'] ? `${inputs.mode}, delete missing` : inputs.mode;
  const count = (number: number | null | undefined) => (number == null ? null : formatCount(number));
  const shown: readonly (readonly [string, string | null])[] = [
    ['table', table],
    ['warehouse', warehouse],
    ['mode', inputs.phase === 'sweep' ? null : mode],
    ['load', loadId],
    ['already loaded', load?.already_loaded === true ? 'yes; the counts are those of that load' : null],
    ['Parquet files', bytes === null ? null : formatBytes(bytes)],
    ['rows in the manifest', count(rowsInManifest)],
    ['rows staged', count(rowsStaged)],
    ['new', count(load?.rows_inserted)],
    ['changed', count(load?.rows_updated)],
    ['changed, not applied', load?.mode === 'append' ? count(load.rows_stale) : null],
    ['removed', count(load?.rows_deleted)],
    ['unchanged', count(load?.rows_unchanged)],
    ['vanished from the source', count(load?.rows_vanished)],
    ['rows of the table', count(load?.rows_total)],
    ['warning', facts.warning],
    ['staging tables dropped', swept === null ? null : swept.join(', ') || 'none'],
    ...facts.checks
      .filter(({ status }) => status !== 'pass')
      .map(({ name, status, measured }) => [`check ${name}`, `${status}, measured ${measured}`] as const),
  ];
  const text = (number: number | null | undefined) => (number == null ? '' : String(number));
  return {
    title: `redshift-copy · ${table ?? inputs.manifest ?? inputs.contract}`,
    outcome: failure?.kind ?? 'succeeded',
    failure,
    seconds,
    tasks,
    facts: shown.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
    links: [],
    outputs: {
      'load-id': loadId ?? '',
      'staging-table': stagingTable ?? '',
      'rows-in-manifest': text(rowsInManifest),
      'rows-staged': text(rowsStaged),
      'rows-inserted': text(load?.rows_inserted),
      'rows-updated': text(load?.rows_updated),
      'rows-deleted': text(load?.rows_deleted),
      'rows-unchanged': text(load?.rows_unchanged),
      'rows-stale': text(load?.rows_stale),
      'rows-vanished': text(load?.rows_vanished),
      'rows-total': text(load?.rows_total),
      'already-loaded': String(load?.already_loaded === true),
      swept: JSON.stringify(swept ?? []),
    },
  };
}
