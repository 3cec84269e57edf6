import { type PipelineFailure, pipelineFailure } from '../errors.ts';

const PREFIX = 'failure: ';

/**
 * The failure that a job tells of itself: its last line `failure: {...}`, with the fields of
 * PipelineFailure; null when there is none, or none that can be read.
 */
export function readFailureLine(lines: readonly string[]): PipelineFailure | null {
  const line = lines.findLast((one) => one.startsWith(PREFIX));
  if (line === undefined) return null;
  try {
    return pipelineFailure.parse(JSON.parse(line.slice(PREFIX.length)));
  } catch {
    // A job of somebody else may print such a line and mean something else by it: the log tells the failure.
    return null;
  }
}
