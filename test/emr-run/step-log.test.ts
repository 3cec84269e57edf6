import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { readLogTail } from '../../actions/emr-run/src/log-tail.ts';
import { readStepLog, stepLogFolder } from '../../actions/emr-run/src/step-log.ts';
import { cleanLine } from '../../actions/shared/src/spark/clean-line.ts';
import { findRootException } from '../../actions/shared/src/spark/root-exception.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { collectLog } from './collect-log.ts';
import { BUCKET, openBucket } from './s3-bucket.ts';

const bucket = openBucket(await temporaryFolder());
const never = new AbortController().signal;
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    // A stream's pieces never come all at once.
    await Promise.resolve();
    yield bytes.subarray(start, start + size);
  }
}

describe('the last lines of a gzipped log', () => {
  test('are its last 2000, of pieces that cut lines and letters', async () => {
    const text = Array.from({ length: 5000 }, (_, index) => `Zeile ${index} é€`).join('\n');
    const lines = await readLogTail(inPieces(gzipSync(text), 7), never);
    expect(lines).toHaveLength(2000);
    expect([lines[0], lines.at(-1)]).toEqual(['Zeile 3000 é€', 'Zeile 4999 é€']);
  });

  test('are the ones before the cut when the file is still being written', async () => {
    const whole = gzipSync(Array.from({ length: 20_000 }, (_, index) => `line ${index * 7919}`).join('\n'));
    const lines = await readLogTail(inPieces(whole.subarray(0, whole.length - 2000), 1000), never);
    expect(lines.length).toBeGreaterThan(1000);
    expect(lines[0]).toMatch(/^line \d+$/);
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['no gzip', Buffer.from('not a gzip')],
    ['of no bytes', gzipSync('')],
  ])('are none of a file that is %s', async (_name, bytes) => {
    expect(await readLogTail(inPieces(bytes, 100), never)).toEqual([]);
  });

  test('of several gzips one behind the other are those of the last one', async () => {
    const bytes = Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]);
    expect(await readLogTail(inPieces(bytes, 100), never)).toEqual(['one', 'two']);
  });

  test('stay short when a line has no end', async () => {
    const lines = await readLogTail(inPieces(gzipSync('x'.repeat(3_000_000)), 1000), never);
    expect(lines.map((line) => line.length)).toEqual([4000]);
  });
});

describe("a step's log", () => {
  const folderOf = (step: string) => stepLogFolder(`s3://${BUCKET}/logs/`, 'j-1', step);
  const put = (step: string, name: string, text: string) =>
    bucket.put(`logs/j-1/steps/${step}/${name}.gz`, gzipSync(text));

  test('is read at once when all of it was written after the end', async () => {
    for (const name of ['controller', 'stderr', 'stdout']) await put('s-1', name, `${name} text\n`);
    const log = collectLog();
    const request = { folder: folderOf('s-1'), endedAt: LONG_AGO, waitSeconds: 60 };
    expect(await readStepLog(request, bucket.s3, never, log)).toEqual({
      stdout: ['stdout text'],
      stderr: ['stderr text'],
      missing: null,
    });
    expect(log.lines).toEqual([]);
  });

  test('is waited for while it is not there', async () => {
    const log = collectLog();
    const request = { folder: folderOf('s-2'), endedAt: LONG_AGO, waitSeconds: 60 };
    const reading = readStepLog(request, bucket.s3, never, log);
    while (log.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log.lines).toEqual([
      "Waiting for the step's logs in s3://lake/logs/j-1/steps/s-2/, for 1 minutes at most.",
    ]);
    await put('s-2', 'stderr', 'it failed\n');
    expect(await reading).toEqual({ stdout: [], stderr: ['it failed'], missing: null });
  });

  test('of before the end is not taken for the whole, but told when nothing else comes', async () => {
    await put('s-3', 'stderr', 'a.b.OldException: survived\n');
    const inAnHour = new Date(Date.now() + 3_600_000);
    const request = { folder: folderOf('s-3'), endedAt: inAnHour, waitSeconds: 1 };
    const log = collectLog();
    const { stderr } = await readStepLog(request, bucket.s3, never, log);
    expect(stderr).toEqual(['a.b.OldException: survived']);
    expect(log.lines).toHaveLength(1);
  });

  test.each([
    ['nothing comes', folderOf('s-none'), /did not come within 0 s/],
    ['the bucket is not there', stepLogFolder('s3://nowhere/logs', 'j-1', 's-1'), /bucket/i],
    ['the address is none', stepLogFolder('/var/log', 'j-1', 's-1'), /no S3 address/],
  ])('is missing, and says why, when %s', async (_name, folder, why) => {
    const request = { folder, endedAt: LONG_AGO, waitSeconds: 0 };
    const { missing, stderr } = await readStepLog(request, bucket.s3, never, collectLog());
    expect(missing).toMatch(why);
    expect(stderr).toEqual([]);
  });

  test('is not waited for once the step is cancelled', async () => {
    const controller = new AbortController();
    const log = collectLog();
    const request = { folder: folderOf('s-none'), endedAt: LONG_AGO, waitSeconds: 60 };
    const reading = readStepLog(request, bucket.s3, controller.signal, log);
    const ended = reading.catch((error: unknown) => error);
    while (log.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new Error('cancelled now'));
    expect(await ended).toEqual(new Error('cancelled now'));
  });
});

describe('the root exception', () => {
  const JAVA = [
    '26/04/21 10:00:00 ERROR Executor: Exception in task 0.0',
    'Exception in thread "main" org.apache.spark.SparkException: Job aborted due to stage failure',
    '\tat org.apache.spark.Main.run(Main.scala:1)',
    'Caused by: java.io.IOException: outer',
    '\tat a.B.c(B.java:2)',
    'Caused by: java.lang.OutOfMemoryError: Java heap space',
    '\t... 12 more',
    '26/04/21 10:00:01 INFO ShutdownHookManager: Shutdown hook called',
  ];
  const PY4J = [
    'Traceback (most recent call last):',
    '  File "/tmp/job.py", line 3, in <module>',
    '    main()',
    'py4j.protocol.Py4JJavaError: An error occurred while calling o45.parquet.',
    ': org.apache.spark.SparkException: Job aborted.',
    '\tat org.apache.spark.Main.run(Main.scala:1)',
    'Caused by: java.nio.file.AccessDeniedException: s3://lake/out: 403',
    '\t... 3 more',
    '',
    '26/04/21 10:00:01 INFO ShutdownHookManager: gone',
    'java.lang.InterruptedException: while it shut down',
    'Exception in thread "main" org.apache.spark.SparkUserAppException: User application exited with 1',
  ];
  const WORKER = [
    'Traceback (most recent call last):',
    '  File "/tmp/job.py", line 9, in <module>',
    'py4j.protocol.Py4JJavaError: An error occurred while calling o1.count.',
    ': org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 0.0 failed: org.apache.spark.api.python.PythonException: Traceback (most recent call last):',
    '  File "/tmp/job.py", line 5, in divide',
    'ZeroDivisionError: division by zero',
    '',
    '\tat org.apache.spark.api.python.BasePythonRunner.handle(PythonRunner.scala:1)',
    'Driver stacktrace:',
    '\tat org.apache.spark.scheduler.DAGScheduler.fail(DAGScheduler.scala:1)',
    'Caused by: org.apache.spark.api.python.PythonException: Traceback (most recent call last):',
    '  File "/tmp/job.py", line 5, in divide',
    'ZeroDivisionError: division by zero',
    '',
    '\t... 1 more',
  ];
  const CAPTURED = [
    'Traceback (most recent call last):',
    '  File "/tmp/job.py", line 3, in <module>',
    'pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] Path does not exist: file:/nowhere.',
    'Exception in thread "main" org.apache.spark.SparkUserAppException: User application exited with 1',
  ];
  const OWN = [
    'Traceback (most recent call last):',
    '  File "job.py", line 3, in <module>',
    '    raise Refused("no rows")',
    '__main__.Refused: no rows',
  ];
  test.each([
    ['of a Java trace', JAVA, 'java.lang.OutOfMemoryError: Java heap space'],
    ['behind py4j', PY4J, 'java.nio.file.AccessDeniedException: s3://lake/out: 403'],
    ["of a worker's Python", WORKER, 'ZeroDivisionError: division by zero'],
    [
      'that pyspark translated',
      CAPTURED,
      'pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] Path does not exist: file:/nowhere.',
    ],
    ["with a name of the job's own", OWN, '__main__.Refused: no rows'],
    ['of a step without one', ['+ ls /nowhere', 'ls: cannot access /nowhere'], null],
    [
      'of a wrapper when there is nothing else',
      CAPTURED.slice(-1),
      'org.apache.spark.SparkUserAppException: User application exited with 1',
    ],
  ])('%s', (_name, lines, expected) => {
    expect(findRootException(lines)).toBe(expected);
  });
});

describe('a line that is shown', () => {
  const key = (start: string) => `${start}${'Q'.repeat(16)}`;
  test.each([
    [`id ${key('AKIA')} used`, 'id AKIA*** used'],
    [`id ${key('ASIA')}.`, 'id ASIA***.'],
    ['aws_secret_access_key=abc/def+g next', 'aws_secret_access_key=*** next'],
    ['AWS_SESSION_TOKEN: "abc=="', 'AWS_SESSION_TOKEN: "***"'],
    ['(fs.s3a.secret.key, x) fs.s3a.secret.key=x1', '(fs.s3a.secret.key, x) fs.s3a.secret.key=***'],
    ['GET /a?X-Amz-Signature=0a1b&X-Amz-Date=2026', 'GET /a?X-Amz-Signature=***&X-Amz-Date=2026'],
    ['X-Amz-Security-Token=FwoG%2F&x=1', 'X-Amz-Security-Token=***&x=1'],
    ['jdbc:redshift://h/db?user=u&password=p4ss', 'jdbc:redshift://h/db?user=u&password=***'],
    ['https://user:pass@example.com/', 'https://user:***@example.com/'],
    ['Authorization: Bearer abcdefgh.ijkl', 'Authorization: Bearer ***'],
    ['arn:aws:iam::123456789012:role/job', 'arn:aws:iam::123456789012:role/job'],
    ['title_key=tt0000001 is doubled', 'title_key=tt0000001 is doubled'],
    ['\u001b[31mred\u001b[0m\u0007', 'red'],
    ['  ::error::no command', '  : :error::no command'],
    ['before ##[add-path]/bin', 'before ## [add-path]/bin'],
  ])('%j is %j', (line, expected) => {
    expect(cleanLine(line)).toBe(expected);
  });
});
