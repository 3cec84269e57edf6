import { z } from 'zod';

const count = z.int().nonnegative();

const sourceFile = z.strictObject({
  dataset: z.string(),
  path: z.string(),
  bytes: count,
  modified: z.iso.datetime(),
  etag: z.string().nullable(),
  rows: count,
  rejects: count,
});

const outputFile = z.strictObject({
  path: z.string(),
  bytes: count,
  rows: count,
  etag: z.string().nullable().optional(),
});

const reject = z.strictObject({
  dataset: z.string(),
  path: z.string(),
  line: z.int().positive(),
  reason: z.enum(['wrong_field_count', 'repeated_header', 'control_character', 'invalid_utf8']),
  fields: count,
  record: z.string(),
});

/**
 * `manifest.json`: what a run wrote. It is written last, into the run's own folder, so a folder
 * without one does not exist to any reader. Paths of output files are relative to that folder.
 */
export const manifestSchema = z.strictObject({
  manifest_version: z.literal(1),
  table: z.string(),
  run_id: z.string(),
  fingerprint: z.string(),
  transform_version: z.string(),
  engine: z.strictObject({ name: z.string(), version: z.string() }),
  created_at: z.iso.datetime(),
  source_date: z.iso.datetime(),
  sources: z.array(sourceFile),
  rejects: z.strictObject({ total: count, path: z.string().nullable() }),
  schema: z.array(z.strictObject({ name: z.string(), type: z.string(), max_bytes: count.nullable() })),
  files: z.array(outputFile),
  rows: count,
  metrics: z.record(z.string(), count),
});

/** What a run wrote; see {@link manifestSchema}. */
export type Manifest = z.infer<typeof manifestSchema>;

/**
 * One of the run's inputs. `rows` counts its records without the header, `rejects` those of them
 * that were refused; `etag` is S3's, or the MD5 of a file on disk, which S3 would give it too.
 */
export type SourceFile = z.infer<typeof sourceFile>;

/**
 * One Parquet file of the run. `etag` is the object's, without HTTP's quotes, as it was when the manifest was
 * written; null on a disk, where nothing tells revisions, and absent from manifests of before.
 */
export type OutputFile = z.infer<typeof outputFile>;

/**
 * A record that was refused, with the line it stands on (the header is line 1) and the number of
 * fields it was split into. Bytes that are not UTF-8 are shown as U+FFFD in `record`.
 */
export type Reject = z.infer<typeof reject>;
