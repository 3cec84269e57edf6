import { readContract } from '../../shared/src/contract/contract.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import type { TaskRunner } from '../../shared/src/tasks.ts';
import { readAccess } from './access/access-file.ts';
import { ensureAccess } from './access/ensure-access.ts';
import type { Drift } from './drift.ts';
import type { Inputs, Part } from './inputs.ts';
import type { ProvisionFacts } from './provision-access.ts';
import { ensureTable } from './table/ensure-table.ts';
import type { TableTarget } from './table/table-target.ts';
import { refuseDrift } from './warehouse/differences.ts';

/** The names of the tasks, in order, as in the DAG. */
export const PROVISION_TASKS: Readonly<Record<Part, string>> = {
  warehouse: 'create_redshift_cluster',
  table: 'create_redshift_table',
  access: 'grant_access',
};

/** What every engine's provisioning works with. */
export interface Provision {
  readonly inputs: Inputs;
  /** Filled as the work goes. */
  readonly facts: ProvisionFacts;
  readonly tasks: TaskRunner;
  /** Aborts on cancellation and when the time is over. */
  readonly signal: AbortSignal;
  /** A path of the workspace as one of the machine. */
  readonly resolve: (path: string) => string;
}

/**
 * Reads the files that the tasks work from, so that a mistake in one is told before anything is made.
 *
 * @throws PipelineError `bad-input` with line and column.
 */
export async function refuseUnusableFiles({
  inputs,
  resolve,
}: Pick<Provision, 'inputs' | 'resolve'>): Promise<void> {
  if (!inputs.ensure.includes('table') && !inputs.ensure.includes('access')) return;
  const contract = await readContract(resolve(inputs.contract));
  if (inputs.ensure.includes('access')) await readAccess(resolve(inputs['access-file']), contract);
}

/**
 * Runs the task of a part, or notes that it is not asked for.
 *
 * @returns what the work gave; null when it was not asked for.
 */
export async function runPart<Value>(
  { inputs, facts, tasks }: Pick<Provision, 'inputs' | 'facts' | 'tasks'>,
  part: Part,
  work: (log: TaskLog) => Promise<Value>,
): Promise<Value | null> {
  const name = PROVISION_TASKS[part];
  if (!inputs.ensure.includes(part)) {
    tasks.skip([name], 'not asked for');
    return null;
  }
  const before = facts.changed.length;
  return tasks.run(name, async (log) => {
    const value = await work(log);
    const changed = facts.changed.slice(before);
    return { value, detail: changed.length === 0 ? 'nothing to change' : changed.join(', ') };
  });
}

/** Sees to the table and to the rights on it, whichever are asked for. */
export async function ensureTableAndAccess(provision: Provision, target: TableTarget): Promise<void> {
  const { inputs, facts, resolve } = provision;
  const onDrift = inputs['on-drift'];
  const changed = (line: string) => void facts.changed.push(line);
  const note = ({ drift }: { readonly drift: readonly Drift[] }) => {
    facts.drift.push(...drift);
    if (onDrift === 'fail') refuseDrift(drift);
  };
  const contractOf = () => readContract(resolve(inputs.contract));
  await runPart(provision, 'table', async (log) =>
    note(await ensureTable(target, await contractOf(), inputs.size, onDrift, log, changed)),
  );
  await runPart(provision, 'access', async (log) => {
    const file = resolve(inputs['access-file']);
    note(await ensureAccess(target, file, await contractOf(), onDrift, log, changed));
  });
}
