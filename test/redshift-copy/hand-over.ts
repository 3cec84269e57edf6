import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { validationReport } from '../../actions/data-validate/src/validation-report.ts';
import type { ActionResult } from '../aws/action-runner.ts';
import type { Film } from '../warehouse/films.ts';

/** Steps of one job on one of the engines. */
export interface Steps {
  readonly work: string;
  /** Writes the films as the run of the day and gives its manifest, as the input names it. */
  readonly upload: (day: number, films: readonly Film[]) => Promise<string>;
  readonly copy: (inputs: Readonly<Record<string, string>>) => Promise<ActionResult>;
  readonly validate: (inputs: Readonly<Record<string, string>>) => Promise<ActionResult>;
  readonly rows: (sql: string) => Promise<unknown>;
}

const filmsRated = (rating: number): Film[] => [
  ['one', 'One', true, 1, rating],
  ['two', null, false, 2, rating],
];

/**
 * Stages, validates and publishes in steps of their own, on two days; between them a third load is staged and
 * validated, and never published. The second day is compared with the first.
 */
export async function expectHandOver(steps: Steps): Promise<void> {
  const { work, upload, copy, validate, rows } = steps;
  const drift = { name: 'ratings', kind: 'drift', metric: 'mean', column: 'rating', error: '> 10%' };
  const checks = [{ ...drift, description: 'Ratings stay as they are.' }];
  await writeFile(join(work, 'films.checks.yml'), JSON.stringify({ checks }));

  const stageAndValidate = async (day: number, rating: number) => {
    const manifest = await upload(day, filmsRated(rating));
    const staged = await copy({ manifest, phase: 'stage' });
    if (staged.outputs.outcome !== 'succeeded') throw new Error(staged.log);
    const validated = await validate({
      manifest,
      table: staged.outputs['staging-table'] ?? '',
      'report-folder': `validation-${day}`,
      'fail-on': 'never',
    });
    if (validated.exitCode !== 0) throw new Error(validated.log);
    const report = validated.outputs.json ?? '';
    const [check] = validationReport.parse(JSON.parse(await readFile(report, 'utf8'))).checks;
    return { publish: { manifest, phase: 'publish', 'validation-report': report }, check };
  };

  const first = await stageAndValidate(1, 5);
  expect(first.check).toMatchObject({ status: 'pass', measured: 5, base: null });
  expect((await copy(first.publish)).outputs.outcome).toBe('succeeded');

  const never = await stageAndValidate(2, 50);
  expect(never.check).toMatchObject({ status: 'error', measured: 50, base: 5 });

  const third = await stageAndValidate(3, 5.25);
  expect(third.check).toMatchObject({ status: 'pass', measured: 5.25, share: 5, base: 5 });
  const { 'validation-report': ofAnother } = never.publish;
  const refused = await copy({ ...third.publish, 'validation-report': ofAnother });
  expect(refused.outputs.outcome).toBe('bad-input');
  expect(refused.annotations.find(({ level }) => level === 'error')?.message).toContain(
    'The validation report is about another table',
  );
  expect((await copy(third.publish)).outputs).toMatchObject({ outcome: 'succeeded', 'rows-updated': '2' });

  expect(
    await rows(`SELECT loads.load_number, metrics.check_name, metrics.metric, metrics.measured
FROM films_metrics AS metrics LEFT JOIN films_loads AS loads ON loads.load_id = metrics.load_id
ORDER BY loads.load_number, metrics.metric`),
  ).toEqual([
    [1, 'ratings', 'mean', 5],
    [2, 'ratings', 'mean', 5.25],
    [2, 'ratings', 'share', 5],
  ]);
}
