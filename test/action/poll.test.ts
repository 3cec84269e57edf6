import { describe, expect, test } from '@jest/globals';
import { limitTime, pause, stopOnCancel } from '../../actions/shared/src/action/stop.ts';
import { poll } from '../../actions/shared/src/aws/poll.ts';
import { failureOf } from '../contract/failure-of.ts';

const never = new AbortController().signal;
const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
const unavailable = Object.assign(new Error('try later'), { $metadata: { httpStatusCode: 503 } });
const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const denied = Object.assign(new Error('no'), {
  name: 'AccessDeniedException',
  $metadata: { httpStatusCode: 400 },
});

/** Polls through the answers, of which an Error is thrown; pauses take no time but half a second at most. */
function pollThrough(answers: readonly (string | Error)[], signal = never) {
  const lines: string[] = [];
  const changes: string[] = [];
  const left = [...answers];
  const ended = poll({
    ask: () => {
      const answer = left.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? 'none');
    },
    isOver: (answer) => answer === 'done',
    stateOf: (answer) => answer,
    onChange: (answer) => changes.push(answer),
    signal,
    log: { info: (line) => lines.push(line), progress: () => {} },
    random: () => -0.998,
  });
  return { ended, lines, changes };
}

describe('polling', () => {
  test('tells each change once and returns the last answer', async () => {
    const { ended, changes } = pollThrough(['starting', 'starting', 'running', 'done', 'later']);
    expect(await ended).toBe('done');
    expect(changes).toEqual(['starting', 'running', 'done']);
  });

  test('goes on through throttling, 5xx and resets, told once', async () => {
    const { ended, lines } = pollThrough(['starting', throttled, unavailable, reset, 'running', 'done']);
    expect(await ended).toBe('done');
    expect(lines).toEqual(['AWS could not answer (Rate exceeded); asking on.', 'AWS answers again.']);
  });

  test('ends with the signal, also when the question does not heed it', async () => {
    const controller = new AbortController();
    const unheeding = { ask: () => new Promise<string>(() => {}), isOver: () => true, stateOf: () => '' };
    const log = { info: () => {}, progress: () => {} };
    const ended = poll({ ...unheeding, onChange: () => {}, signal: controller.signal, log });
    controller.abort(new Error('cancelled'));
    await expect(ended).rejects.toThrow('cancelled');
  }, 30_000);

  test('ends at an error that asking on cannot mend', async () => {
    await expect(pollThrough(['starting', denied]).ended).rejects.toBe(denied);
  });

  test('ends with the reason of the signal', async () => {
    const controller = new AbortController();
    const { ended } = pollThrough(
      Array.from({ length: 10_000 }, () => 'starting'),
      controller.signal,
    );
    controller.abort(new Error('cancelled'));
    await expect(ended).rejects.toThrow('cancelled');
  });
});

describe('stopping', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s aborts with a reason that tells it', async (name) => {
    const handlers = new Map<string | symbol, () => void>();
    const emitter = { on: (event: string | symbol, handler: () => void) => handlers.set(event, handler) };
    const signal = stopOnCancel(emitter as unknown as Pick<NodeJS.Process, 'on'>);
    expect(signal.aborted).toBe(false);
    handlers.get(name)?.();
    expect(await failureOf(pause(10, signal))).toMatchObject({
      kind: 'cancelled',
      why: `the runner sent ${name}`,
    });
  });

  test('a time limit aborts with a reason that tells it', async () => {
    const failure = await failureOf(pause(10, limitTime(never, 0.0005, 'The job')));
    expect(failure).toMatchObject({ kind: 'timed-out', what: 'The job did not end within 0.0005 minutes' });
  });

  test('a pause ends in time when nothing aborts it', async () => {
    expect(await pause(0.001, limitTime(never, 1, 'The job'))).toBeUndefined();
  });
});
