import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { checksSchema } from '../../docs/file-schemas.ts';
import { files } from '../project.ts';

const schema = z
  .object({
    properties: z.object({
      checks: z.object({
        items: z.object({
          anyOf: z.unknown(),
          oneOf: z.array(
            z.object({
              properties: z.record(z.string(), z.record(z.string(), z.unknown())),
              required: z.array(z.string()),
              additionalProperties: z.literal(false),
              description: z.string(),
            }),
          ),
        }),
      }),
    }),
  })
  .parse(JSON.parse(checksSchema())).properties.checks.items;

describe('the JSON Schema of a checks file', () => {
  test('stands beside the shipped checks as it is generated; npm run docs writes it', async () => {
    const published = await readFile(join(dirname(files.checks), 'checks.schema.json'), 'utf8');
    expect(published).toBe(checksSchema());
  });

  test('is named in the shipped checks, for editors', async () => {
    const [first] = (await readFile(files.checks, 'utf8')).split('\n');
    expect(first).toBe('# yaml-language-server: $schema=checks.schema.json');
  });

  test('takes the shipped checks, and refuses a key that no kind knows', async () => {
    const text: unknown = JSON.parse(checksSchema());
    const parser = z.fromJSONSchema(text as Parameters<typeof z.fromJSONSchema>[0]);
    const shipped: unknown = parse(await readFile(files.checks, 'utf8'));
    expect(parser.safeParse(shipped).error).toBeUndefined();
    const check = { name: 'a', description: 'A check.', kind: 'row_count', warn: '> 0' };
    expect(parser.safeParse({ checks: [check] }).success).toBe(true);
    expect(parser.safeParse({ checks: [{ ...check, column: 'title' }] }).success).toBe(false);
  });

  test('knows every kind of check and what each must have', () => {
    const required = schema.oneOf.map((kind) => [
      kind.properties.kind?.const,
      ...kind.required.filter((key) => !['name', 'description', 'kind'].includes(key)),
    ]);
    expect(required).toEqual([
      ['row_count'],
      ['row_count_change'],
      ['not_null', 'column'],
      ['unique', 'column'],
      ['range', 'column'],
      ['accepted_values', 'column', 'values'],
      ['pattern', 'column', 'pattern'],
      ['max_bytes', 'column', 'max'],
      ['column_comparison', 'column', 'operator', 'other_column'],
      ['expression', 'expression'],
      ['freshness'],
      ['drift', 'column', 'metric'],
      ['manifest_metric', 'metric', 'of'],
    ]);
    expect(schema.anyOf).toEqual([{ required: ['warn'] }, { required: ['error'] }]);
  });

  test.each([
    ['> 0', true],
    ['>= 1.5%', true],
    [' < 3 % ', true],
    ['0', false],
    ['> -1', false],
    ['=> 1', false],
    ['> 1 rows', false],
  ])('takes "%s" as a threshold: %s', (text, isTaken) => {
    const pattern = String(schema.oneOf[0]?.properties.warn?.pattern);
    expect(new RegExp(pattern).test(text)).toBe(isTaken);
  });
});
