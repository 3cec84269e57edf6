import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from '@jest/globals';
import { type S3Server, startS3Server } from '../aws/s3-server.ts';

/** The bucket that the tests write to. */
export const BUCKET = 'lake';

/** An S3 server of a test file, with a client and a bucket. */
export interface TestBucket {
  readonly s3: S3Client;
  put(key: string, body: string | Uint8Array): Promise<void>;
}

/** Starts an S3 server in the folder for the tests of a file. */
export function openBucket(folder: string): TestBucket {
  let server: S3Server;
  let s3: S3Client;
  beforeAll(async () => {
    server = await startS3Server(join(folder, 's3'));
    const { endpoint, region, accessKeyId, secretAccessKey } = server;
    s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  });
  afterAll(() => server.stop());
  return {
    get s3() {
      return s3;
    },
    put: async (Key, Body) => {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Buffer.from(Body) }));
    },
  };
}
