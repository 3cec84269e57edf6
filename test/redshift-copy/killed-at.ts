import { expect, test } from '@jest/globals';
import type { PublishMode } from '../../actions/shared/src/warehouse/publish.ts';
import { type ActionResult, startAction } from '../aws/action-runner.ts';
import { until } from '../aws/redshift-bed.ts';
import { expectLoad } from '../warehouse/expected-load.ts';
import type { Film } from '../warehouse/films.ts';
import { filmsOfDay } from './changing-films.ts';
import { hasEnded } from './has-ended.ts';
import type { Copies } from './open-copies.ts';

/**
 * Kills a load in the mode as soon as it has sent its n-th statement, for every n in turn, and runs it
 * again: the table is then as if nothing had happened.
 */
export function testKilledAtEveryStatement(copies: Copies, mode: PublishMode): void {
  test.each(['ExecuteStatement', 'BatchExecuteStatement'])(
    `killed at every %s in turn, a load in mode ${mode} is whole when it runs again`,
    async (operation) => {
      let live: readonly Film[] = [];
      let day = 0;
      let isKilled = true;
      while (isKilled) {
        day += 1;
        const manifest = await copies.upload(day, filmsOfDay(day));
        // The first day's load has one statement more, which makes the table.
        const spared = Math.max(0, day - 2);
        const first = await runAndKill(copies, { manifest, mode }, operation, spared);
        isKilled = first.outputs.outcome !== 'succeeded';
        const ended = isKilled ? await copies.run({ manifest, mode }) : first;
        const { films, counters } = expectLoad(live, filmsOfDay(day), mode);
        expect([day, ended.outputs]).toMatchObject([
          day,
          {
            outcome: 'succeeded',
            'rows-inserted': String(counters.rows_inserted),
            'rows-updated': String(counters.rows_updated),
            'rows-deleted': String(counters.rows_deleted),
          },
        ]);
        expect([day, await copies.films()]).toEqual([day, films]);
        expect(await copies.rows('SELECT COUNT(*) FROM films_loads')).toEqual([[day]]);
        live = films;
      }
      expect(day).toBeGreaterThan(3);
      expect(await copies.tables()).toEqual(['films', 'films_loads', 'films_metrics']);
    },
  );
}

/** Kills the step when its n-th call of the operation has reached the service, unless it ends without that many. */
export async function runAndKill(
  copies: Copies,
  inputs: Readonly<Record<string, string>>,
  operation: string,
  spared: number,
): Promise<ActionResult> {
  const { proxy } = copies;
  const wanted = proxy.calls(operation) + spared + 1;
  proxy.add({ operation, fault: 'held-answer', times: 1, after: spared });
  const { result, kill } = await startAction(copies.step(inputs));
  await until(async () => proxy.calls(operation) >= wanted || (await hasEnded(result)));
  return (await hasEnded(result)) ? result : kill();
}
