/** What to do about well-known exceptions of jobs on a cluster. The first one that fits is taken. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /NoSuchBucket|bucket does not exist/i,
    "Mend the bucket's name in the job's arguments, or make the bucket, and run again.",
  ],
  [
    /AccessDenied|Access Denied|Status Code: 403|\b403 Forbidden|AmazonS3Exception: Forbidden/i,
    "Allow the job's role (input job-role) what the message names, in its policy and in the bucket's, and run again.",
  ],
  [
    /path[^:]* already exists|FileAlreadyExistsException|PATH_ALREADY_EXISTS/i,
    'Give the job an output that does not exist yet, a run id of its own for one, or remove what is there.',
  ],
  [
    /OutOfMemoryError|MemoryError|exceeding (?:memory|physical memory|virtual memory) limits|exit(?:ed with)? code:? 137|exitCode:? 137|beyond the .{0,20}memory limit/i,
    'Take a larger size (input size), or give Spark more memory by the configuration, and run again.',
  ],
  [
    /No space left on device/i,
    'Take a larger size (input size), or larger disks by the configuration, and run again.',
  ],
  [
    /ModuleNotFoundError|No module named/i,
    'Give the module with the script (input files), or install it by a bootstrap action of the configuration.',
  ],
  [
    /FileNotFoundException|FileNotFoundError|Path does not exist|PATH_NOT_FOUND|NoSuchKey|does not exist/i,
    "Mend the path in the job's arguments, or put the file there, and run again.",
  ],
  [
    /ClassNotFoundException|NoClassDefFoundError/i,
    'Name the missing library by --packages or --jars in the step, and run again.',
  ],
  [
    /UnknownHostException|ConnectTimeoutException|Connection timed out|Connect to .* failed/i,
    "Look at the network of the cluster's subnets (routes, endpoints, security groups), and run again.",
  ],
];

/** What to do next about an exception or a text of a log; null when it is not one of the well-known ones. */
export function adviceFor(text: string): string | null {
  return ADVICE.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
