import { PipelineError } from '../errors.ts';
import { type DataApi, describeTarget } from './data-api.ts';
import type { EndedStatement } from './follow-statement.ts';
import { CONFLICT_ATTEMPTS, isConflict } from './run-statements.ts';

/**
 * Lets a finished statement pass.
 *
 * @throws PipelineError `failed-infra` for one that failed or was cancelled, in Redshift's own words.
 */
export function refuseFailed(api: DataApi, ended: EndedStatement): void {
  if (ended.status !== 'FINISHED') throw statementFailure(api, ended);
}

/** The failure that tells of a statement that did not finish. */
export function statementFailure(api: DataApi, ended: EndedStatement): PipelineError {
  const { id, name, status, description } = ended;
  const common = {
    kind: 'failed-infra',
    where: `${describeTarget(api.target)}, statement ${id}`,
    why: description.Error ?? 'Redshift gives no reason',
    done: 'Nothing of it was done: it is one transaction.',
  } as const;
  if (status === 'ABORTED') {
    return new PipelineError({
      ...common,
      what: `The statement ${name} was cancelled by somebody else`,
      next: 'Find out who cancelled it, or whether a limit of the warehouse did, and run again.',
    });
  }
  if (isConflict(ended)) {
    return new PipelineError({
      ...common,
      what: `The statement ${name} met other transactions on the same tables ${CONFLICT_ATTEMPTS} times`,
      next: 'Run again when nothing else writes to the tables.',
    });
  }
  return new PipelineError({
    ...common,
    what: `The statement ${name} failed`,
    next: 'Mend what Redshift names and run again.',
  });
}
