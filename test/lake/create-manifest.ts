import type { Manifest, SourceFile } from '../../actions/shared/src/lake/manifest.ts';

/** A source file's line of a manifest, with whatever the test says instead. */
export function createSource(overrides: Partial<SourceFile> = {}): SourceFile {
  return {
    dataset: 'title.basics',
    path: 'title.basics.tsv.gz',
    bytes: 2048,
    modified: '2026-11-22T23:52:00.000Z',
    etag: '0cc175b9c0f1b6a831c399e269772661',
    rows: 100,
    rejects: 0,
    ...overrides,
  };
}

/** The manifest of a run that wrote no files yet, with whatever the test says instead. */
export function createManifest(overrides: Partial<Manifest> = {}): Manifest {
  return {
    manifest_version: 1,
    table: 'films',
    run_id: '20261123T060400000Z-0123456789ab',
    fingerprint: '0123456789ab',
    transform_version: 'ba9876543210',
    engine: { name: 'duckdb', version: 'v1.5.5' },
    created_at: '2026-11-23T06:04:01.000Z',
    source_date: '2026-11-22T23:52:00.000Z',
    sources: [createSource()],
    rejects: { total: 0, path: null },
    schema: [],
    files: [],
    rows: 0,
    metrics: {},
    ...overrides,
  };
}
