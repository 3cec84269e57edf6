import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { manifestSchema } from '../../actions/shared/src/lake/manifest.ts';
import { expectedSampleCounts } from '../expected-sample.ts';
import { files } from '../project.ts';
import { BUCKET } from './open-emr.ts';
import { openScenarios } from './open-scenarios.ts';

const scenarios = await openScenarios();
const STEPS = '- { name: first, command: "true" }\n- { name: second, command: "true" }';

test('the job of this repository runs on a cluster, from S3 to S3', async () => {
  for (const name of await readdir(files.sample)) {
    const Body = await readFile(join(files.sample, name));
    await scenarios.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `raw/${name}`, Body }));
  }
  const spark = join(scenarios.work, 'spark');
  await mkdir(spark);
  for (const name of ['imdb_titles.py', 'imdb_titles.sql', 'imdb_datasets.json']) {
    await writeFile(join(spark, name), await readFile(join(files.sparkScript, '..', name)));
  }
  const manifest = `s3://${BUCKET}/imdb_titles/run=7/manifest.json`;
  const { main, post } = await scenarios.run(
    scenarios.step({
      script: 'spark/imdb_titles.py',
      files: 'spark/imdb_titles.sql\nspark/imdb_datasets.json',
      'script-args': [
        '--input',
        `s3://${BUCKET}/raw`,
        '--output',
        `s3://${BUCKET}/imdb_titles`,
        '--run-id',
        '7',
      ].join('\n'),
      manifest,
      size: 'standard',
      'max-cost-eur': '4',
    }),
  );

  expect(main.annotations).toEqual([]);
  expect(main.outputs).toMatchObject({
    outcome: 'succeeded',
    'output-manifest': manifest,
    'rows-written': String(expectedSampleCounts.titles),
    reattached: 'false',
  });
  const { Body } = await scenarios.s3.send(
    new GetObjectCommand({ Bucket: BUCKET, Key: 'imdb_titles/run=7/manifest.json' }),
  );
  const written = manifestSchema.parse(JSON.parse((await Body?.transformToString()) ?? ''));
  expect(written).toMatchObject({ run_id: '7', rows: expectedSampleCounts.titles });

  const [cluster, ...others] = await scenarios.clusters();
  expect(others).toEqual([]);
  expect(main.outputs['cluster-id']).toBe(cluster?.Id);
  expect(Number(main.outputs['cost-eur'])).toBeGreaterThan(0);
  expect(main.summary).toContain('## emr-run · spark/imdb_titles.py: succeeded in');
  expect(post.exitCode).toBe(0);
});

describe('a job', () => {
  test('tells its tasks, its steps and what it cost', async () => {
    const { main, post } = await scenarios.run(scenarios.step({ steps: STEPS }));
    const [cluster] = await scenarios.clusters();
    const steps = await scenarios.steps(cluster?.Id ?? '');
    expect(steps.map(({ Name }) => Name)).toEqual(['first', 'second']);
    expect(main).toMatchObject({
      exitCode: 0,
      outputs: {
        outcome: 'succeeded',
        'cluster-id': cluster?.Id,
        'step-ids': JSON.stringify(steps.map(({ Id }) => Id)),
        'output-manifest': '',
        'rows-written': '',
      },
    });
    for (const task of [
      'upload_spark_script_to_s3',
      'create_emr_cluster',
      'add_spark_steps',
      'watch_spark_steps',
      'terminate_emr_cluster',
    ]) {
      expect(main.log).toContain(`::group::${task}\n`);
      expect(main.log).toMatch(new RegExp(`^✔ ${task} · `, 'm'));
      expect(main.summary).toMatch(new RegExp(`^\\| ${task} \\| succeeded \\| `, 'm'));
    }
    expect(post).toMatchObject({ exitCode: 0, annotations: [] });
  });

  test('is found again by its name and tags, and ends by itself', async () => {
    await scenarios.run(scenarios.step({ steps: STEPS, 'idle-timeout': '120' }));
    const [cluster] = await scenarios.clusters();
    expect(cluster?.Name).toMatch(/^anna\/films\/titles\/\d+\/[0-9a-f]{12}\/1$/);
    const tags: Partial<Record<string, string>> = Object.fromEntries(
      (cluster?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]),
    );
    expect(tags).toMatchObject({
      pipeline: 'emr-run',
      repository: 'anna/films',
      'run-attempt': '1',
    });
    const minutes = (Date.parse(tags['expires-at'] ?? '') - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(85);
    expect(minutes).toBeLessThan(91);
    expect(cluster?.AutoTerminate).toBe(true);
  });
});
