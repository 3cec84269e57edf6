import { expect, test } from '@jest/globals';
import { createTaskGroups, formatElapsed } from '../../actions/shared/src/action/task-groups.ts';
import { createTaskRunner } from '../../actions/shared/src/tasks.ts';

test('each task is a group, its end below it', async () => {
  const lines: string[] = [];
  let now = 100;
  const seconds = () => now;
  const core = {
    startGroup: (name: string) => lines.push(`::group::${name}`),
    endGroup: () => lines.push('::endgroup::'),
    info: (line: string) => lines.push(line),
  };
  const tasks = createTaskRunner(createTaskGroups(core, seconds), seconds);
  await tasks.run('create_emr_cluster', (log) => {
    now += 65;
    log.info('j-1 is STARTING');
    now += 5;
    return Promise.resolve({ value: null, detail: 'j-1' });
  });
  await expect(tasks.run('watch_spark_steps', () => Promise.reject(new Error('odd')))).rejects.toThrow('odd');
  tasks.skip(['terminate_emr_cluster'], 'not reached');
  expect(lines).toEqual([
    '::group::create_emr_cluster',
    '[00:01:05] j-1 is STARTING',
    '::endgroup::',
    '✔ create_emr_cluster · 1 min 10 s · j-1',
    '::group::watch_spark_steps',
    '::endgroup::',
    '✖ watch_spark_steps · 0 s',
    '- terminate_emr_cluster · skipped · not reached',
  ]);
});

test.each([
  [0, '00:00:00'],
  [59.9, '00:00:59'],
  [3661, '01:01:01'],
  [360_000, '100:00:00'],
])('%d s are %s', (seconds, expected) => {
  expect(formatElapsed(seconds)).toBe(expected);
});
