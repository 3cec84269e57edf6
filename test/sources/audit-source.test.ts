import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Reject } from '../../actions/shared/src/lake/manifest.ts';
import {
  type AuditedSource,
  auditSource,
  writePlainCopy,
} from '../../actions/shared/src/sources/audit-source.ts';
import { findSources } from '../../actions/shared/src/sources/find-sources.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
const dataset = { name: 'title.ratings', columns: ['tconst', 'averageRating', 'numVotes'] };
const HEADER = 'tconst\taverageRating\tnumVotes';
const GOOD = 'tt01\t7.0\t10';

async function audit(
  content: string | Buffer,
  extension = '.tsv',
): Promise<{ source: AuditedSource; rejects: Reject[] }> {
  const path = join(folder, `${createHash('sha1').update(content).digest('hex')}${extension}`);
  await writeFile(path, content);
  const rejects: Reject[] = [];
  const found = { dataset, path, bytes: content.length, modified: '2026-01-01T00:00:00.000Z' };
  return { source: await auditSource(found, (reject) => rejects.push(reject)), rejects };
}

describe('a source', () => {
  test('that is plain is counted and fingerprinted by its MD5', async () => {
    const content = `${HEADER}\n${GOOD}\ntt02\t\\N\t\\N\n`;
    const { source, rejects } = await audit(content);
    expect(source).toMatchObject({ rows: 2, rejects: 0, plain: true });
    expect(source.etag).toBe(createHash('md5').update(content).digest('hex'));
    expect(rejects).toEqual([]);
  });

  test('may lack its last newline', async () => {
    const { source } = await audit(`${HEADER}\n${GOOD}\ntt02\t8.0\t5`);
    expect(source).toMatchObject({ rows: 2, rejects: 0, plain: true });
  });

  test('may hold a header alone', async () => {
    expect((await audit(`${HEADER}\n`)).source).toMatchObject({ rows: 0, rejects: 0 });
  });

  test('with CRLF or a byte order mark holds the same records', async () => {
    const { source } = await audit(`\uFEFF${HEADER}\r\n${GOOD}\r\ntt02\t8.0\t5\r\n`);
    expect(source).toMatchObject({ rows: 2, rejects: 0, plain: false });
  });

  test('is fingerprinted by its bytes on disk, gzip or not', async () => {
    const content = gzipSync(`${HEADER}\n${GOOD}\n`);
    const { source } = await audit(content, '.tsv.gz');
    expect(source.rows).toBe(1);
    expect(source.etag).toBe(createHash('md5').update(content).digest('hex'));
  });

  test('may be a gzip of several members, as parallel compressors write', async () => {
    const content = Buffer.concat([gzipSync(`${HEADER}\ntt0`), gzipSync('1\t7.0\t10\ntt02\t8.0\t5\n')]);
    expect((await audit(content, '.tsv.gz')).source).toMatchObject({ rows: 2, rejects: 0 });
  });

  test('is counted right when it is larger than the blocks it is read in', async () => {
    const line = `${'t'.repeat(700)}\t7.0\t10\n`;
    const content = `${HEADER}\n${line.repeat(5000)}bad\n${line.repeat(2000)}`;
    const { source, rejects } = await audit(content);
    expect(source).toMatchObject({ rows: 7001, rejects: 1 });
    expect(rejects).toMatchObject([{ line: 5002, reason: 'wrong_field_count', fields: 1 }]);
  });
});

describe('keys', () => {
  const record = (key: string) => `${key}\t7.0\t10\n`;
  test.each([
    ['different numbers', ['tt0000001', 'tt0000002', 'tt99999999'], true],
    ['the same key twice', ['tt0000001', 'tt0000002', 'tt0000001'], false],
    // Different keys, which their numbers do not tell.
    ['the same number with other zeros', ['tt1', 'tt01'], false],
    ['no number', ['tt1', 'ttx'], false],
    ['a number of nine digits', ['tt1', 'tt123456789'], false],
    ['an empty key', ['tt1', ''], false],
    ['two characters alone', ['tt1', 'tt'], false],
    ['a number with more behind it', ['tt1', 'tt2x'], false],
  ])('with %s: %j', async (_, keys, unique) => {
    const text = keys.map(record).join('');
    expect((await audit(`${HEADER}\n${text}`)).source.uniqueKeys).toBe(unique);
    // Read in blocks behind the first: another path.
    const filler = Array.from({ length: 90_000 }, (__, index) =>
      record(`tt5${String(index).padStart(6, '0')}`),
    );
    const { source } = await audit(`${HEADER}\n${filler.join('')}${text}`);
    expect(source).toMatchObject({ rows: 90_000 + keys.length, rejects: 0, uniqueKeys: unique });
  });

  test('that stand twice, in two blocks of which one holds a refused record, are seen', async () => {
    const filler = Array.from({ length: 90_000 }, (__, index) =>
      record(`tt5${String(index).padStart(6, '0')}`),
    );
    const { source } = await audit(`${HEADER}\n${filler.join('')}bad\n${record('tt5000007')}`);
    expect(source).toMatchObject({ rows: 90_002, rejects: 1, uniqueKeys: false });
    const { source: fine } = await audit(`${HEADER}\n${filler.join('')}bad\n${record('tt7')}`);
    expect(fine).toMatchObject({ rows: 90_002, rejects: 1, uniqueKeys: true });
  });
});

describe('a record', () => {
  const cases: readonly [string, string, string | Buffer, Partial<Reject>][] = [
    ['with too few fields', 'wrong_field_count', 'tt02\t7.0', { fields: 2, record: 'tt02\t7.0' }],
    ['with too many fields', 'wrong_field_count', 'tt02\t7.0\t1\t2', { fields: 4 }],
    ['that is a blank line', 'wrong_field_count', '', { fields: 1, record: '' }],
    ['that is the header again', 'repeated_header', HEADER, { fields: 3 }],
    ['with a carriage return in it', 'control_character', 'tt02\t7.\r0\t1', { fields: 3 }],
    ['with a NUL in it', 'control_character', 'tt02\t7.\u00000\t1', { fields: 3 }],
    [
      'that is not UTF-8',
      'invalid_utf8',
      Buffer.from([0x74, 0xff, 0x09, 0x37, 0x09, 0x31]),
      { record: 't\uFFFD\t7\t1' },
    ],
  ];
  test.each(cases)('%s is refused as %s, with its line', async (_, reason, record, told) => {
    const content = Buffer.concat([
      Buffer.from(`${HEADER}\n${GOOD}\n`),
      Buffer.from(record),
      Buffer.from(`\n${GOOD}\n`),
    ]);
    const { source, rejects } = await audit(content);
    expect(source).toMatchObject({ rows: 3, rejects: 1, plain: false });
    expect(rejects).toEqual([
      expect.objectContaining({ ...told, reason, line: 3, dataset: 'title.ratings' }),
    ]);
  });

  test('may hold quotes, backslashes, a lone U+2028 and U+FFFD, and an empty field', async () => {
    const { source } = await audit(`${HEADER}\n"tt\\N\t\u2028\t\n\t\t\n\uFFFD"\t'\t\\\n`);
    expect(source).toMatchObject({ rows: 3, rejects: 0, plain: true });
  });
});

test('the header again, far down in a large file, is refused too', async () => {
  const line = `${'t'.repeat(700)}\t7.0\t10\n`;
  const { source, rejects } = await audit(`${HEADER}\n${line.repeat(5000)}${HEADER}\n${line.repeat(2000)}`);
  expect(source).toMatchObject({ rows: 7001, rejects: 1, plain: false });
  expect(rejects).toMatchObject([{ line: 5002, reason: 'repeated_header' }]);
});

describe('the plain copy', () => {
  test('holds the accepted records, with LF and without a byte order mark', async () => {
    const { source } = await audit(`\uFEFF${HEADER}\r\n${GOOD}\r\nbad\r\n\r\ntt02\t\\N\t5`);
    const copy = join(folder, 'copy.tsv');
    await writePlainCopy(source, copy);
    expect(await readFile(copy, 'utf8')).toBe(`${HEADER}\n${GOOD}\ntt02\t\\N\t5\n`);
  });
});

describe('a source is refused, with its name and the reason, when', () => {
  const whole = gzipSync(`${HEADER}\n${`${GOOD}\n`.repeat(1000)}`);
  const corrupt = Buffer.from(whole);
  corrupt.writeUInt8(corrupt.readUInt8(whole.length - 6) ^ 0xff, whole.length - 6);
  const cases: readonly [string, string | Buffer, string, RegExp][] = [
    ['it is empty', '', '.tsv', /the file is empty/],
    ['it is an empty gzip', gzipSync(''), '.tsv.gz', /the file is empty/],
    [
      'its header is another',
      'tconst\taverageRating\n',
      '.tsv',
      /has not the header.*\n.*\n.*tconst\\taverageRating"/,
    ],
    ['it has no header', `${GOOD}\n`, '.tsv', /has not the header/],
    ['its gzip is cut', whole.subarray(0, whole.length - 20), '.tsv.gz', /unexpected end of file/],
    ['its gzip is corrupt', corrupt, '.tsv.gz', /incorrect data check/],
    ['it is no gzip', `${HEADER}\n`, '.tsv.gz', /incorrect header check/],
  ];
  test.each(cases)('%s', async (_, content, extension, message) => {
    await expect(audit(content, extension)).rejects.toThrow(message);
    await expect(audit(content, extension)).rejects.toMatchObject({ failure: { kind: 'bad-input' } });
    await expect(audit(content, extension)).rejects.toThrow(/title\.ratings/);
  });
});

describe('finding the files', () => {
  test('refuses a missing file, a doubled one and a folder that is not there', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await expect(findSources(empty, [dataset])).rejects.toThrow(
      /title\.ratings cannot be read\n.*\n.*missing/,
    );
    await writeFile(join(empty, 'title.ratings.tsv'), '');
    await writeFile(join(empty, 'title.ratings.tsv.gz'), '');
    await expect(findSources(empty, [dataset])).rejects.toThrow(/there twice/);
    await expect(findSources(join(empty, 'nowhere'), [dataset])).rejects.toThrow(/nowhere[\s\S]*ENOENT/);
  });
});
