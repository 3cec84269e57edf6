/** An object, or what the keys of some begin with. */
export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

/** The parts of an address as Spark and EMR write them: `s3://bucket/key`, also `s3a` and `s3n`; else null. */
export function parseS3Address(address: string): S3Address | null {
  const { bucket, key } = /^s3[an]?:\/\/(?<bucket>[^/]+)\/?(?<key>.*)$/.exec(address)?.groups ?? {};
  return bucket === undefined ? null : { bucket, key: key ?? '' };
}
