import { describe, expect, test } from '@jest/globals';
import { expectLoad } from '../warehouse/expected-load.ts';
import { DAY_1, DAY_2 } from '../warehouse/two-days.ts';
import { openCopies } from './open-copies.ts';

const copies = await openCopies();

/** Outputs by the names of the report that an independent expectation gives. */
function outputsOf(counters: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(counters).map(([name, count]) => [name.replaceAll('_', '-'), String(count)]),
  );
}

describe.each(['replace', 'merge', 'append'] as const)('two days in mode %s', (mode) => {
  test('leave the rows and the counts that are expected, and a third time changes nothing', async () => {
    const day1 = await copies.upload(1, DAY_1);
    const first = await copies.run({ manifest: day1, mode });
    expect(first.log).toContain('transfer_s3_to_redshift.publish');
    expect(first.outputs).toMatchObject({
      ...outputsOf(expectLoad([], DAY_1, mode).counters),
      outcome: 'succeeded',
      'rows-in-manifest': '9',
      'already-loaded': 'false',
    });
    expect(await copies.films()).toEqual(DAY_1);

    const expected = expectLoad(DAY_1, DAY_2, mode);
    const day2 = await copies.upload(2, DAY_2);
    const second = await copies.run({ manifest: day2, mode });
    expect(second.outputs).toMatchObject({ ...outputsOf(expected.counters), 'already-loaded': 'false' });
    expect(await copies.films()).toEqual(expected.films);

    const again = await copies.run({ manifest: day2, mode });
    expect(again.exitCode).toBe(0);
    expect(again.outputs).toMatchObject({
      ...outputsOf(expected.counters),
      'load-id': second.outputs['load-id'],
      'already-loaded': 'true',
    });
    expect(await copies.films()).toEqual(expected.films);
    expect(await copies.tables()).toEqual(['films', 'films_loads', 'films_metrics']);
    expect(await copies.rows('SELECT COUNT(*) FROM films_loads')).toEqual([[2]]);
  });
});
