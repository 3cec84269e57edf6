import * as core from '@actions/core';
import { EXIT_CODES } from '../../shared/src/action/exit-codes.ts';
import { stopOnCancel } from '../../shared/src/action/stop.ts';
import { asFailure, formatFailure, type PipelineFailure } from '../../shared/src/errors.ts';
import { main } from './main.ts';

// Its outcome is that of the run and not its own, and its summary is the report: so it is not started as
// the other actions are. Like theirs, each thing that is thrown, wherever, ends red.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => {
    tellFailure(asFailure(error, 'run-report', 'What had been told stays told.'));
    process.exit();
  });
}
try {
  for (const failure of (await main(stopOnCancel())).toReversed()) tellFailure(failure);
} catch (error) {
  tellFailure(asFailure(error, 'run-report', 'Nothing was told.'));
}
// A connection that is kept open for the next request would keep the process.
process.exit();

function tellFailure(failure: PipelineFailure): void {
  core.error(formatFailure(failure), { title: failure.what });
  process.exitCode = EXIT_CODES[failure.kind];
}
