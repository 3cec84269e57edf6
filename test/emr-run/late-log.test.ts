import { expect, test } from '@jest/globals';
import { openScenarios } from './open-scenarios.ts';

const scenarios = await openScenarios(600);

test('a step whose log is not there in time is told by what EMR says, and where the log will be', async () => {
  const steps = '- { name: late, command: bash, args: [-c, "echo a pity >&2; exit 3"] }';
  const { main, post } = await scenarios.run(scenarios.step({ steps, 'timeout-minutes': '1' }));
  expect(main).toMatchObject({ exitCode: 3, signal: null });
  const [cluster] = await scenarios.clusters();
  const [step] = await scenarios.steps(cluster?.Id ?? '');
  const message = main.annotations[0]?.message ?? '';
  expect(message).toContain("no log could be read: they did not come before the job's time was over");
  expect(message).toContain('step "late"');
  expect(message).toContain(`/steps/${step?.Id}/`);
  expect(main.outputs.outcome).toBe('failed-infra');
  expect(post.exitCode).toBe(0);
});
