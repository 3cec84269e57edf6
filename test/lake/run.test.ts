import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createRunFolder, readManifest, writeManifest } from '../../actions/shared/src/lake/run.ts';
import {
  createRunId,
  fingerprintOf,
  runFolderOf,
  transformVersion,
} from '../../actions/shared/src/lake/run-id.ts';
import { failureOf } from '../contract/failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { createManifest, createSource } from './create-manifest.ts';

const parent = await temporaryFolder();
const newFolder = () => mkdtemp(join(parent, 'table-'));

describe('the fingerprint of a content', () => {
  const basics = createSource({ dataset: 'title.basics', etag: 'aaaa' });
  const crew = createSource({ dataset: 'title.crew', etag: 'bbbb' });
  const fingerprint = fingerprintOf([basics, crew], 'version-1');

  test('is 12 hexadecimal digits', () => {
    expect(fingerprint).toMatch(/^[0-9a-f]{12}$/);
  });

  test('stays the same with the sources in another order', () => {
    expect(fingerprintOf([crew, basics], 'version-1')).toBe(fingerprint);
  });

  test('stays the same when a file with the same content lies elsewhere and is newer', () => {
    const moved = { ...basics, path: 'elsewhere.tsv', modified: '2027-01-01T00:00:00.000Z' };
    expect(fingerprintOf([moved, crew], 'version-1')).toBe(fingerprint);
  });

  test.each([
    ['the content of a source changes', [{ ...basics, etag: 'cccc' }, crew], 'version-1'],
    [
      'two sources change places',
      [
        { ...basics, etag: 'bbbb' },
        { ...crew, etag: 'aaaa' },
      ],
      'version-1',
    ],
    ['a source is missing', [basics], 'version-1'],
    ['the transform changes', [basics, crew], 'version-2'],
  ])('changes when %s', (_what, sources, version) => {
    expect(fingerprintOf(sources, version)).not.toBe(fingerprint);
  });
});

describe('the version of a transform', () => {
  test('is the beginning of its SHA-256', () => {
    // From the standard's own example: SHA-256("abc") = ba7816bf 8f01cfea 414140de ...
    expect(transformVersion('abc')).toBe('ba7816bf8f01');
  });
});

describe('the id of a run', () => {
  test('is the time in UTC and the fingerprint', () => {
    expect(createRunId(new Date('2026-11-23T06:04:05.678Z'), '0123456789ab')).toBe(
      '20261123T060405678Z-0123456789ab',
    );
  });

  test('sorts as text by time', () => {
    const times = ['2026-09-30T23:59:59.999Z', '2026-10-01T00:00:00.000Z', '2026-10-01T00:00:00.001Z'];
    const ids = times.map((time, index) => createRunId(new Date(time), `${9 - index}`.repeat(12)));
    expect(ids.toSorted()).toEqual(ids);
  });
});

describe('createRunFolder', () => {
  test('makes the folder of the run, and that of the table where it is missing', async () => {
    const table = join(await newFolder(), 'lake', 'films');
    const folder = await createRunFolder(table, '20261123T060405678Z-0123456789ab');
    expect(folder).toBe(join(table, 'run=20261123T060405678Z-0123456789ab'));
    expect(runFolderOf(table, '20261123T060405678Z-0123456789ab')).toBe(folder);
    expect(await readdir(table)).toEqual(['run=20261123T060405678Z-0123456789ab']);
  });

  test('refuses a folder that is there already and leaves its content', async () => {
    const table = await newFolder();
    const folder = await createRunFolder(table, 'one');
    await writeFile(join(folder, 'part-0.parquet'), 'data');
    await expect(createRunFolder(table, 'one')).rejects.toThrow('EEXIST');
    expect(await readdir(folder)).toEqual(['part-0.parquet']);
  });
});

describe('the manifest', () => {
  test('reads back as it was written', async () => {
    const folder = await newFolder();
    const manifest = createManifest({ rows: 7, metrics: { names_missing: 3 } });
    await writeManifest(folder, manifest);
    expect(await readManifest(folder)).toEqual(manifest);
  });

  test.each([
    ['cut in the middle', JSON.stringify(createManifest()).slice(0, 200), /JSON/],
    ['empty', '', /JSON/],
    ['of another version', JSON.stringify({ ...createManifest(), manifest_version: 2 }), /manifest_version/],
    ['with a key too many', JSON.stringify({ ...createManifest(), surprise: true }), /surprise/],
    ['with a negative number of rows', JSON.stringify(createManifest({ rows: -1 })), /rows/],
  ])('is refused when it is %s, and the message names the file and what to do', async (_what, text, why) => {
    const folder = await newFolder();
    await writeFile(join(folder, 'manifest.json'), text);
    const failure = await failureOf(readManifest(folder));
    expect(failure).toMatchObject({ kind: 'failed-infra', where: join(folder, 'manifest.json') });
    expect(failure.why).toMatch(why);
    expect(failure.next).toContain(folder);
  });
});
