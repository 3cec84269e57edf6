import { readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Cluster, DescribeClusterCommand, EMRClient, ListClustersCommand } from '@aws-sdk/client-emr';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { defaultClaims, type OidcIssuer, startOidcIssuer } from '../aws/oidc-issuer.ts';
import { roleArn, trustIssuer } from '../aws/oidc-roles.ts';
import { Statements } from '../aws/redshift-statements.ts';
import { startTestBed, type TestBed } from '../aws/test-bed.ts';
import { type GithubApi, startGithubApi } from '../github/github-api.ts';
import { files, root } from '../project.ts';
import { type FinishedRun, type StartedRun, startWorkflow, type WorkflowRun } from './act.ts';
import { makeProjectRepository, type ProjectRepository } from './project-repository.ts';
import { type S3Sessions, startS3Sessions } from './s3-sessions.ts';

/** The lake of the tests. */
export const BUCKET = 'imdb-lake';
/** The warehouse of the tests. */
export const WAREHOUSE = 'imdb';
/** The repository whose workflows run, as the identity tokens name it. */
export const REPOSITORY = 'octo-org/imdb-titles';
const TOKEN = 'a-token-of-the-run';
const ROLES = ['process', 'load', 'validate', 'janitor'] as const;

/** What a run differs in from others; it is of the schedule unless it has inputs, and may have variables beside the usual ones. */
export type RunOfPipeline = Pick<WorkflowRun, 'workflow' | 'runId'> &
  Partial<Pick<WorkflowRun, 'inputs' | 'variables'>>;

/** How a called workflow ended, and its outputs. */
export interface CalledWorkflow {
  readonly exitCode: number | null;
  readonly outputs: Readonly<Record<string, string>>;
}

const jobsOfWorkflow = z.looseObject({ jobs: z.record(z.string(), z.looseObject({})) });

/** The workflows on the test bed, with nothing of AWS in their environment but where it is. */
export interface Pipeline {
  readonly github: GithubApi;
  readonly emr: EMRClient;
  /** Puts a folder's files into the lake. */
  readonly upload: (from: string, prefix: string) => Promise<void>;
  readonly start: (run: RunOfPipeline) => Promise<StartedRun>;
  /** Runs a workflow to its end. */
  readonly run: (run: RunOfPipeline) => Promise<FinishedRun>;
  /**
   * Runs a workflow whose called workflows have run before: each only ends as it is told here. For act stops
   * at a called workflow that fails, where GitHub goes on.
   */
  readonly runAfter: (
    run: RunOfPipeline,
    called: Readonly<Record<string, CalledWorkflow>>,
  ) => Promise<FinishedRun>;
  /** The tests' own look into the warehouse. */
  readonly statements: Statements;
  readonly clusters: () => Promise<readonly Cluster[]>;
}

/**
 * Opens the bed for the tests of a file; it ends with them.
 *
 * @param folder where the workflows work.
 */
export function openPipeline(folder: string): Pipeline {
  let bed: TestBed;
  let issuer: OidcIssuer;
  let github: GithubApi;
  let sessions: S3Sessions;
  let project: ProjectRepository;
  let clients: { emr: EMRClient; data: RedshiftDataClient; s3: S3Client };
  beforeAll(async () => {
    bed = await startTestBed({ stateSeconds: 0.3, logDelaySeconds: 0.1 });
    issuer = await startOidcIssuer();
    const trusted = ROLES.map((role) => [role, defaultClaims.sub] as const);
    await trustIssuer(bed.endpoint, issuer, Object.fromEntries(trusted));
    github = await startGithubApi({ token: TOKEN, repository: REPOSITORY });
    sessions = await startS3Sessions(bed.s3);
    const { region, accessKeyId, secretAccessKey } = bed.s3;
    const common = { region, endpoint: bed.endpoint, credentials: { accessKeyId, secretAccessKey } };
    clients = {
      emr: new EMRClient(common),
      data: new RedshiftDataClient(common),
      s3: new S3Client({ ...common, endpoint: bed.s3.endpoint, forcePathStyle: true }),
    };
    await clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    project = await makeProjectRepository(folder);
  });
  afterAll(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await Promise.all([bed.stop(), issuer.stop(), github.stop(), sessions.stop()]);
  });

  const startFile = (file: string, { runId, inputs, variables }: RunOfPipeline): Promise<StartedRun> => {
    const { AWS_ACCESS_KEY_ID: _key, AWS_SECRET_ACCESS_KEY: _secret, ...places } = bed.environment;
    return startWorkflow(project, {
      workflow: file,
      runId,
      event: inputs === undefined ? 'schedule' : 'workflow_dispatch',
      inputs: inputs ?? {},
      variables: { ...variablesOf(bed.s3.region), ...variables },
      token: TOKEN,
      environment: {
        ...places,
        ...issuer.environment,
        PATH: [join(files.pythonEnvironment, 'bin'), process.env.PATH].join(delimiter),
        AWS_ENDPOINT_URL_S3: sessions.endpoint,
        GITHUB_API_URL: github.url,
        GITHUB_REPOSITORY: REPOSITORY,
      },
    });
  };
  const fileOf = ({ workflow }: RunOfPipeline) => join('.github', 'workflows', workflow);
  const start: Pipeline['start'] = (run) => startFile(fileOf(run), run);
  return {
    get github() {
      return github;
    },
    get emr() {
      return clients.emr;
    },
    upload: async (from, prefix) => {
      for (const name of await readdir(from)) {
        const Body = await readFile(join(from, name));
        await clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${prefix}/${name}`, Body }));
      }
    },
    start,
    run: async (run) => (await start(run)).result,
    runAfter: async (run, called) => {
      const text = await readFile(join(project.repository, fileOf(run)), 'utf8');
      const workflow = jobsOfWorkflow.parse(parse(text));
      for (const [name, { exitCode, outputs }] of Object.entries(called)) {
        const { uses: _uses, with: _with, ...job } = workflow.jobs[name] ?? {};
        const steps = [{ run: `exit ${exitCode}` }];
        workflow.jobs[name] = { ...job, 'runs-on': 'ubuntu-latest', outputs, steps };
      }
      const file = join(project.work, `${run.runId}.yml`);
      await writeFile(file, stringify(workflow));
      return (await startFile(file, run)).result;
    },
    get statements() {
      return new Statements(clients.data, WAREHOUSE);
    },
    clusters: async () => {
      const { Clusters = [] } = await clients.emr.send(new ListClustersCommand({}));
      const described = Clusters.map(async ({ Id }) => {
        const { Cluster: cluster } = await clients.emr.send(new DescribeClusterCommand({ ClusterId: Id }));
        return cluster === undefined ? [] : [cluster];
      });
      return (await Promise.all(described)).flat();
    },
  };
}

/** The repository's variables, as the deployment of the infrastructure gives them. */
function variablesOf(region: string): Readonly<Record<string, string>> {
  return {
    AWS_REGION: region,
    IMDB_LAKE_BUCKET: BUCKET,
    ...Object.fromEntries(ROLES.map((role) => [`IMDB_${role.toUpperCase()}_ROLE`, roleArn(role)])),
    IMDB_EMR_SERVICE_ROLE: 'emr-service',
    IMDB_EMR_JOB_ROLE: 'emr-job',
    IMDB_COPY_ROLE: roleArn('copy'),
    IMDB_WAREHOUSE: WAREHOUSE,
  };
}

/** The records of a day's title.basics that have all their fields: each is a title of the table. */
export async function countTitles(day: 'day-1' | 'day-2'): Promise<number> {
  const text = await readFile(join(root, 'samples', day, 'title.basics.tsv'), 'utf8');
  const [, ...records] = text.split('\n');
  return records.filter((record) => record.split('\t').length === 9).length;
}
