import type { RunReport } from '../actions/shared/src/report/run-report.ts';

/** What is known of the run so far; a failure reports as much of it as there is. */
export type RunFacts = {
  -readonly [Fact in
    | 'table'
    | 'run_id'
    | 'sources'
    | 'rejects'
    | 'lake'
    | 'load'
    | 'checks'
    | 'freshness'
    | 'profile'
    | 'examples']: RunReport[Fact];
};
