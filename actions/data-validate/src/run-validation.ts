import type { TableClients } from '../../shared/src/aws/table-clients.ts';
import { readCheckLines } from '../../shared/src/checks/checks-file.ts';
import { readContract } from '../../shared/src/contract/contract.ts';
import { describeChecks } from '../../shared/src/report/check-counts.ts';
import { formatCounted } from '../../shared/src/report/format.ts';
import type { TaskRunner } from '../../shared/src/tasks.ts';
import type { Warehouse } from '../../shared/src/warehouse/warehouse.ts';
import type { Inputs } from './inputs.ts';
import { openTable } from './open-table.ts';
import { readRunManifest } from './read-manifest.ts';
import { describeDifference, type ValidationFacts } from './validate-result.ts';
import { checkTable, differenceOf, type Validated } from './validation.ts';

/** The tasks of the step, in order. */
export const VALIDATE_TASKS = {
  read: 'read_checks',
  check: 'run_checks',
  compare: 'compare_loads',
  reports: 'write_reports',
} as const;

/** What the validation works with. */
export interface ValidateDependencies {
  readonly signal: AbortSignal;
  /** When all waiting ends, in milliseconds since 1970. */
  readonly deadline: number;
  readonly now: Date;
  /** The path in the workspace. */
  readonly resolve: (path: string) => string;
  /** Called only where AWS is needed. */
  readonly clients: () => TableClients;
}

/** Checks the table and notes in the facts what it finds, so that a failure on the way loses nothing. */
export async function runValidation(
  inputs: Inputs,
  tasks: TaskRunner,
  facts: ValidationFacts,
  dependencies: ValidateDependencies,
): Promise<void> {
  const { signal, now } = dependencies;
  const files = await tasks.run(VALIDATE_TASKS.read, async () => {
    const value = await readFiles(inputs, facts, dependencies);
    return { value, detail: formatCounted(value.checks.length, 'check') };
  });
  const { table } = facts;
  const opened: Warehouse[] = [];
  try {
    const validated = await tasks.run(VALIDATE_TASKS.check, async (log) => {
      const warehouse = await openTable({ inputs, ...files, ...dependencies }, log);
      opened.push(warehouse);
      facts.warehouse = warehouse.description;
      const value = { ...files, warehouse, table, now };
      await checkTable(value, (found) => {
        // What a cancelled statement tells is no finding.
        signal.throwIfAborted();
        Object.assign(facts, found);
      });
      return { value, detail: describeChecks(facts.results) };
    });
    if (facts.rows === null) tasks.skip([VALIDATE_TASKS.compare], 'the table cannot be read');
    else {
      await tasks.run(VALIDATE_TASKS.compare, async () => {
        facts.difference = await differenceOf(validated, inputs.difference);
        return {
          value: undefined,
          detail: facts.difference === null ? 'not compared' : describeDifference(facts.difference),
        };
      });
    }
  } catch (error) {
    // What a cancelled statement tells of itself is not why it was cancelled.
    signal.throwIfAborted();
    throw error;
  } finally {
    // DuckDB may still be at work in this process when the signal has aborted; the end of it closes all.
    if (!signal.aborted) for (const warehouse of opened) await warehouse.close();
  }
}

async function readFiles(
  inputs: Inputs,
  facts: ValidationFacts,
  { resolve, clients, signal }: ValidateDependencies,
): Promise<Pick<Validated, 'contract' | 'checks' | 'manifest'>> {
  const contract = await readContract(resolve(inputs.contract));
  facts.table = inputs.table ?? contract.table;
  const { checks, lines } = await readCheckLines(resolve(inputs.checks));
  facts.lines = lines;
  const { manifest: address } = inputs;
  if (address === null) return { contract, checks, manifest: null };
  const place = address.startsWith('s3://') ? address : resolve(address);
  const manifest = await readRunManifest(place, () => clients().s3, signal);
  return { contract, checks, manifest };
}
