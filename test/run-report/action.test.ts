import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { createReport, EACH_STATUS } from '../data-validate/create-report.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { LOAD, RED_LOAD, reportRun } from './open-report.ts';

const folder = await temporaryFolder();

describe('the built action', () => {
  test('tells the run in summary, outputs and a file, without a token', async () => {
    const told = await reportRun(folder, { needs: LOAD });
    expect(told).toMatchObject({
      exitCode: 0,
      annotations: [],
      outputs: { outcome: 'succeeded', 'cost-eur': '0.1120' },
    });
    const tasks = JSON.parse(told.outputs.tasks ?? '') as unknown;
    expect(tasks).toMatchObject(Object.keys(LOAD).map((task) => ({ task, result: 'success' })));
    expect(JSON.parse(await readFile(told.outputs.report ?? '', 'utf8'))).toMatchObject({
      title: 'IMDb each morning',
      outcome: 'succeeded',
      tasks,
      graph: { publish_imdb_titles: ['run_data_validation'] },
    });
    expect(told.summary).toMatch(/^## ✅ IMDb each morning: succeeded\n/);
    expect(told.summary).toContain('| freshness | the source was 6.2 hours old |');
  });

  test('hands its tasks on to the report of the workflow that called', async () => {
    const inner = await reportRun(folder, { needs: RED_LOAD });
    const needs = {
      imdb_process_data: { result: 'success', outputs: { duration: '60' } },
      redshift_warehouse: { result: 'success', outputs: {} },
      imdb_to_redshift: { result: 'failure', outputs: inner.outputs },
    };
    const graph = 'imdb_process_data & redshift_warehouse --> imdb_to_redshift';
    const { outputs, summary } = await reportRun(folder, { needs, with: { graph } });
    expect(outputs).toMatchObject({ outcome: 'failed', 'cost-eur': inner.outputs['cost-eur'] });
    expect(summary).toContain('> **imdb_to_redshift / run_data_validation** ❌ failed (failed-data)');
    expect(summary).toContain('  t0 --> g0\n  t1 --> g0\n');
  });

  test('adds the reports, the schema’s difference and what is not there', async () => {
    const contract = await readFile(files.contract, 'utf8');
    const wider = contract.replace(
      /max_bytes: (\d+)/,
      (_, bytes: string) => `max_bytes: ${Number(bytes) + 1}`,
    );
    const told = await reportRun(folder, {
      needs: LOAD,
      with: {
        details: 'validation/validation.json\nrows.md\nspark.md',
        contracts: 'base/contract.yml\ncontract.yml',
      },
      files: {
        'validation/validation.json': JSON.stringify(createReport(EACH_STATUS)),
        'rows.md': '### Rows\n\nThe same on both engines.\n',
        'base/contract.yml': contract,
        'contract.yml': wider,
      },
    });
    expect(told).toMatchObject({ exitCode: 0, annotations: [] });
    const sections = told.summary.match(/^### .*$/gm);
    expect(sections).toEqual([
      '### films: 1 failed, 1 warned, 1 not run, 1 passed',
      '### Rows',
      '### Schema',
    ]);
    expect(told.summary).toContain('spark.md is not there: the task that writes it did not come to it.');
    expect(told.summary).toMatch(/\| changed \| \w+ \| varchar\(\d+\), .* \| varchar\(\d+\), /);
  });

  test.each([
    ['a report that is none', 'report.json', '{"report_version":2}', /report_version/],
    ['a file of another kind', 'page.html', '<p>', /must be a \.md or a \.json file/],
  ])('fails for %s when all the rest is told', async (_what, name, text, why) => {
    const told = await reportRun(folder, {
      needs: LOAD,
      with: { details: `${name}\nrows.md` },
      files: { [name]: text, 'rows.md': '### Rows' },
    });
    expect(told).toMatchObject({ exitCode: 2, outputs: { outcome: 'succeeded' } });
    expect(told.summary).toContain(`⚠️ ${name} is not usable: `);
    expect(told.summary).toContain('### Rows');
    expect(told.annotations).toMatchObject([{ level: 'error', message: expect.stringMatching(why) }]);
  });

  test('fails for a file that cannot be read when all the rest is told', async () => {
    const told = await reportRun(folder, {
      needs: LOAD,
      with: { details: 'rows.md\nmore.md' },
      files: { 'rows.md/inner.md': 'a folder', 'more.md': '### More' },
    });
    expect(told).toMatchObject({ exitCode: 2, outputs: { outcome: 'succeeded' } });
    expect(told.summary).toContain('⚠️ rows.md is not usable: EISDIR');
    expect(told.summary).toContain('### More');
  });

  test('keeps the summary below 1 MiB, whatever it is to add', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `part-${index}.md`);
    const parts = Object.fromEntries(names.map((name) => [name, `${'many rows '.repeat(9)}\n`.repeat(200)]));
    const { summary, exitCode } = await reportRun(folder, {
      needs: LOAD,
      with: { details: names.join('\n') },
      files: parts,
    });
    expect(exitCode).toBe(0);
    expect(Buffer.byteLength(summary)).toBeGreaterThan(800 * 1024);
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024);
  });

  test.each([
    ['jobs that are none', { needs: 'green' }, /input needs/],
    [
      'a graph of other jobs',
      { needs: LOAD, with: { graph: 'a --> b' } },
      /"a" in "a --> b" is none of the jobs/,
    ],
    ['no title', { needs: LOAD, with: { title: '' } }, /title is not given/],
  ])('refuses %s', async (_what, step, message) => {
    const told = await reportRun(folder, step);
    expect(told).toMatchObject({ exitCode: 2, outputs: {} });
    expect(told.annotations).toMatchObject([{ level: 'error', message: expect.stringMatching(message) }]);
  });
});
