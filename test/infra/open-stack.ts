import { afterAll, beforeAll } from '@jest/globals';
import { type MotoServer, startMoto } from '../aws/moto.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { deployTemplate, type Stack } from './deploy-template.ts';

/** The deployed stack and where it can be looked at. */
export interface OpenedStack {
  readonly endpoint: string;
  readonly stack: Stack;
}

/** Starts moto alone, which has no S3 server and no database behind it. */
export function startMotoAlone(work: string): Promise<MotoServer> {
  const s3 = { endpoint: 'http://127.0.0.1:1', region: 'eu-west-1', accessKeyId: 'a', secretAccessKey: 'b' };
  return startMoto({ s3, postgresUri: 'postgresql://127.0.0.1:1/none', work });
}

/** Deploys the template for a file's tests; read its parts inside tests, for they are there only then. */
export async function openStack(): Promise<OpenedStack> {
  const work = await temporaryFolder();
  let moto: MotoServer;
  let stack: Stack;
  beforeAll(async () => {
    moto = await startMotoAlone(work);
    stack = await deployTemplate(moto.endpoint, 'issuer.example');
  });
  afterAll(() => moto.stop());
  return {
    get endpoint() {
      return moto.endpoint;
    },
    get stack() {
      return stack;
    },
  };
}
