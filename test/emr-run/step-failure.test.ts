import { gzipSync } from 'node:zlib';
import type { Cluster, StepSummary } from '@aws-sdk/client-emr';
import { describe, expect, test } from '@jest/globals';
import { readOutputManifest } from '../../actions/emr-run/src/output-manifest.ts';
import { explainClusterEnd, explainFailedStep } from '../../actions/emr-run/src/step-failure.ts';
import type { PipelineError } from '../../actions/shared/src/errors.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { collectLog } from './collect-log.ts';
import { BUCKET, openBucket } from './s3-bucket.ts';

const folder = await temporaryFolder();
const bucket = openBucket(folder);
const never = new AbortController().signal;
const logUri = `s3://${BUCKET}/logs`;
let steps = 0;

/** Explains a step that failed long ago and left these logs. */
async function explain(
  logs: Readonly<Record<string, string>>,
  status: StepSummary['Status'] = {},
  isConcurrent = false,
): Promise<{ failure: PipelineError['failure']; lines: readonly string[]; step: string }> {
  steps += 1;
  const step = `s-${steps}`;
  for (const [name, text] of Object.entries(logs)) {
    await bucket.put(`logs/j-1/steps/${step}/${name}.gz`, gzipSync(text));
  }
  const log = collectLog();
  const Timeline = { EndDateTime: new Date('2020-01-01T00:00:00Z') };
  const failed = {
    clusterId: 'j-1',
    step: { Id: step, Name: 'titles', Status: { State: 'FAILED', Timeline, ...status } as const },
    logUri,
    isConcurrent,
  };
  const waitSeconds = Object.keys(logs).length === 0 ? 0 : 60;
  const { failure } = await explainFailedStep(failed, bucket.s3, never, log, { waitSeconds });
  return { failure, lines: log.lines, step };
}

const whole = (stdout: string, stderr: string) => ({ controller: 'done\n', stdout, stderr });

describe('a step that failed', () => {
  const told = {
    kind: 'failed-data',
    what: 'title.crew holds 1 keys more than once',
    where: 's3://lake/raw/title.crew.tsv',
    why: 'each tconst must stand once; doubled: tt5071412',
    done: 'Nothing was published.',
    next: 'Get the file anew, or remove the doubled records.',
  };

  test('is told in the words of the job when it tells its failure', async () => {
    const stdout = `started\nfailure: ${JSON.stringify(told)}\n`;
    const { failure } = await explain(whole(stdout, 'a.b.WrapperException: exit 1\n'));
    expect(failure).toEqual(told);
  });

  test('is told by its exception when the failure line is not readable', async () => {
    const { failure } = await explain(whole('failure: {"kind": "odd"}\nfailure: none\n', 'KeyError: 7\n'));
    expect(failure).toMatchObject({ kind: 'failed-infra', what: 'A step failed', why: 'KeyError: 7' });
  });

  test('shows its last 30 lines, masked, and says where the log is', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index} password=p${index}`);
    const { failure, lines: shown, step } = await explain(whole('', lines.join('\n')));
    expect(shown[0]).toBe(`The last 30 lines of s3://lake/logs/j-1/steps/${step}/stderr.gz:`);
    expect(shown.slice(1)).toEqual(lines.slice(20).map((_, index) => `  line ${index + 20} password=***`));
    expect(failure.where).toBe(`step "titles" (${step}) of cluster j-1`);
    expect(failure.why).toContain('line 49 password=***');
    expect(failure.why).not.toContain('p49');
    expect(failure.next).toContain(`s3://lake/logs/j-1/steps/${step}/stderr.gz`);
  });

  test("is told by the script's traceback, which spark-submit writes to standard output", async () => {
    const stdout = 'Traceback (most recent call last):\n  File "a.py", line 1\nKeyError: 7\n';
    const { failure } = await explain(whole(stdout, 'a.b.LoggedException: survived\n'));
    expect(failure.why.split('\n')[0]).toBe('KeyError: 7');
  });

  test('has no log: EMR is quoted, and where the log will be is told', async () => {
    const FailureDetails = { Reason: 'Unknown Error.', Message: 'exitCode 1', LogFile: 'x' };
    const { failure, lines, step } = await explain({}, { FailureDetails });
    const at = `s3://lake/logs/j-1/steps/${step}/`;
    expect(failure.why).toBe(
      `exitCode 1; no log could be read: they did not come within 0 s; EMR puts it into ${at}, at the latest when the cluster has ended`,
    );
    expect(failure.next).toContain(`aws s3 cp ${at}stderr.gz`);
    expect(lines.at(-1)).toContain('No log of the step could be read');
  });

  test('has no log folder: that is what to mend', async () => {
    const failed = {
      clusterId: 'j-1',
      step: { Id: 's', Name: 'n', Status: {} },
      logUri: null,
      isConcurrent: false,
    };
    const { failure } = await explainFailedStep(failed, bucket.s3, never, collectLog());
    expect(failure.next).toContain('log-uri');
  });

  test.each([
    ['CANCELLED', 'cancelled', 'A step was cancelled'],
    ['INTERRUPTED', 'failed-infra', 'A step was interrupted'],
  ] as const)('is told apart from one that was %s', async (State, kind, what) => {
    const { failure, lines } = await explain({}, { State, StateChangeReason: { Message: 'EMR says so' } });
    const done = 'What it had written is as it left it.';
    expect(failure).toMatchObject({ kind, what, why: 'EMR says so', done });
    expect(lines).toEqual([]);
  });

  test.each([
    [false, 'The steps after it were not run. What it had written is as it left it.'],
    [true, 'EMR ran the other steps all the same. What it had written is as it left it.'],
  ])('tells what became of the others, that run at once: %s', async (isConcurrent, done) => {
    const { failure } = await explain(whole('', 'KeyError: 7\n'), {}, isConcurrent);
    expect(failure.done).toBe(done);
  });

  test.each([
    [
      'Caused by: software.amazon.awssdk.services.s3.model.S3Exception: Access Denied (Status Code: 403)',
      /job's role/,
    ],
    ['java.lang.OutOfMemoryError: Java heap space', /larger size/],
    [
      'org.apache.spark.SparkException: ExecutorLostFailure: Container killed by YARN for exceeding memory limits.',
      /larger size/,
    ],
    ['org.apache.spark.SparkException: Container exited with code: 137', /larger size/],
    [
      'com.amazonaws.services.s3.model.AmazonS3Exception: The specified bucket does not exist (NoSuchBucket)',
      /bucket/,
    ],
    ['pyspark.errors.AnalysisException: [PATH_NOT_FOUND] Path does not exist: s3://a/b', /arguments/],
    ["ModuleNotFoundError: No module named 'pandas'", /input files/],
    ['pyspark.errors.AnalysisException: [PATH_ALREADY_EXISTS] Path s3://a/b already exists.', /output/],
    ['a.b.NeverSeenException: odd', /^Look at the logs in/],
  ])('with %s is told what to do', async (exception, next) => {
    const { failure } = await explain(whole('', `${exception}\n\tat a.B.c(B.java:1)\n`));
    expect(failure.why.split('\n')[0]).toBe(exception.replace(/^Caused by: /, ''));
    expect(failure.next).toMatch(next);
  });
});

describe('a cluster that ended', () => {
  const cluster = (Code: string, Message: string, details: [string, string][] = []): Cluster => ({
    Id: 'j-7',
    Status: {
      State: 'TERMINATED_WITH_ERRORS',
      StateChangeReason: { Code, Message } as NonNullable<Cluster['Status']>['StateChangeReason'],
      ErrorDetails: details.map(([ErrorCode, instance]) => ({
        ErrorCode,
        ErrorMessage: 'More in the guide.',
        ErrorData: [{ 'instance-type': instance }],
      })),
    },
  });
  const waiting = [{ Name: 'titles', Status: { State: 'CANCELLED' as const } }];
  const begun = [
    { Name: 'titles', Status: { State: 'RUNNING' as const, Timeline: { StartDateTime: new Date() } } },
  ];
  const NO_CAPACITY = 'INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ';

  test.each([
    [
      cluster('INSTANCE_FLEET_TIMEOUT', 'timed out'),
      waiting,
      'retry-elsewhere',
      'failed-infra',
      /no capacity/,
    ],
    [cluster('INSTANCE_FAILURE', 'lost'), waiting, 'retry-elsewhere', 'failed-infra', /lost a machine/],
    [cluster('INSTANCE_FAILURE', 'lost'), begun, 'final', 'failed-infra', /lost a machine/],
    [cluster('BOOTSTRAP_FAILURE', 'action 1'), waiting, 'retry-elsewhere', 'failed-infra', /set up/],
    [
      cluster('BOOTSTRAP_FAILURE', 'x', [['BOOTSTRAP_FAILURE_FILE_NOT_FOUND_PRIMARY', '']]),
      waiting,
      'final',
      'failed-infra',
      /set up/,
    ],
    [cluster('VALIDATION_ERROR', 'Subnet is not there'), waiting, 'final', 'failed-infra', /refused/],
    [
      cluster('VALIDATION_ERROR', 'We currently do not have sufficient m7g.xlarge capacity in the zone', []),
      waiting,
      'retry-elsewhere',
      'failed-infra',
      /no capacity/,
    ],
    [
      cluster('VALIDATION_ERROR', 'insufficient instance capacity', []),
      waiting,
      'retry-elsewhere',
      'failed-infra',
      /no capacity/,
    ],
    [
      cluster('VALIDATION_ERROR', 'x', [[NO_CAPACITY, 'm7g.xlarge']]),
      waiting,
      'retry-elsewhere',
      'failed-infra',
      /no capacity/,
    ],
    [cluster('INTERNAL_ERROR', 'x'), waiting, 'final', 'failed-infra', /within EMR/],
    [
      cluster('INTERNAL_ERROR', 'x', [[NO_CAPACITY, 'm']]),
      waiting,
      'retry-elsewhere',
      'failed-infra',
      /capacity/,
    ],
    [cluster('USER_REQUEST', 'Terminated by user request'), waiting, 'final', 'cancelled', /Somebody/],
    [cluster('STEP_FAILURE', 'x'), begun, 'final', 'failed-infra', /a step failed/],
    [cluster('ALL_STEPS_COMPLETED', 'x'), waiting, 'final', 'failed-infra', /before all steps/],
    [cluster('NEW_CODE', 'x'), waiting, 'final', 'failed-infra', /ended before/],
    [{ Id: 'j-7' }, waiting, 'final', 'failed-infra', /ended before/],
  ] as const)('%#', (ended, open, kind, failure, what) => {
    const end = explainClusterEnd(ended, open);
    expect(end.kind).toBe(kind);
    expect(end.error.failure).toMatchObject({ kind: failure, done: 'Not completed: "titles".' });
    expect(end.error.failure.what).toMatch(what);
    expect(end.error.failure.where).toContain('j-7');
  });

  test("quotes EMR's message, and the details' codes and data", () => {
    const { error } = explainClusterEnd(
      cluster('VALIDATION_ERROR', 'No.', [[NO_CAPACITY, 'm7g.xlarge']]),
      [],
    );
    expect(error.failure.why).toBe(
      `VALIDATION_ERROR: No.\n         ${NO_CAPACITY}, More in the guide., instance-type m7g.xlarge`,
    );
  });
});

describe("a job's manifest", () => {
  const at = (key: string) => `s3://${BUCKET}/${key}`;

  test.each([
    ['{"rows": 12, "files": []}', 12],
    ['{"files": []}', null],
    ['{"rows": null}', null],
  ])('%s tells %s rows', async (body, rows) => {
    await bucket.put('out/manifest.json', body);
    for (const address of [at('out/manifest.json'), at('out/manifest.json').replace('s3:', 's3a:')]) {
      expect(await readOutputManifest(address, bucket.s3, never)).toEqual({ rows });
    }
  });

  test.each([
    ['{"rows": 1', /JSON/],
    ['[1]', /object/],
    ['{"rows": "many"}', /rows/],
    ['{"rows": -1}', /rows/],
    ['', /JSON/],
  ])('%j is refused', async (body, why) => {
    await bucket.put('bad/manifest.json', body);
    await expect(readOutputManifest(at('bad/manifest.json'), bucket.s3, never)).rejects.toMatchObject({
      failure: { kind: 'failed-data', where: at('bad/manifest.json'), why: expect.stringMatching(why) },
    });
  });

  test.each([
    ['in S3', at('nothing/manifest.json')],
    ['without its bucket', 's3://no-such-bucket/manifest.json'],
    ['on this machine', '/no/such/manifest.json'],
  ])('that is missing %s is what the job failed of', async (_name, address) => {
    await expect(readOutputManifest(address, bucket.s3, never)).rejects.toMatchObject({
      failure: { kind: 'failed-data', what: 'The job ended without its manifest', where: address },
    });
  });

  test('in S3 needs AWS, on this machine none', async () => {
    await expect(readOutputManifest(at('a'), null, never)).rejects.toMatchObject({
      failure: { kind: 'bad-input' },
    });
    // A JSON object without rows.
    expect(await readOutputManifest(files.datasets, null, never)).toEqual({ rows: null });
  });
});
