const TRACEBACK = 'Traceback (most recent call last):';
/** `Caused by: a.b.SomeException: text`, also as a trace's first line, as Java and as py4j print that. */
const JAVA =
  /^\s*(?:Caused by: |: |Exception in thread "[^"]*" )?(?<exception>(?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable|Failure)\b.*)/;
/** `module.SomeError: text`, at the start of a line. */
const PYTHON = /^(?<exception>(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt)(?::.*)?)$/;
/** What log4j begins a line with: the time. */
const LOG_LINE = /^\d\d\/\d\d\/\d\d \d\d:|^\d{4}-\d\d-\d\d[T ]\d\d:/;
/** Exceptions that only tell that there was another one. */
const WRAPPER =
  /Py4JJavaError|Py4JNetworkError|SparkUserAppException|finished with failed status|PythonException: Traceback|^SystemExit/;

/**
 * The exception that a log's failure goes back to, in one line: the last `Caused by:` of a Java trace, or
 * the last line of a Python traceback, whichever is the deeper where one holds the other. Null when the
 * log holds none.
 */
export function findRootException(lines: readonly string[]): string | null {
  // A driver's own traceback is what ended the job; exceptions logged before it may have been survived.
  const start = lines.findLastIndex((line) => line.startsWith(TRACEBACK));
  const found = exceptionsOf(start === -1 ? lines : tracebackAt(lines, start));
  return found.findLast((exception) => !WRAPPER.test(exception)) ?? found.at(-1) ?? null;
}

/** What of a program's output tells why it failed. */
export interface FailureOutput {
  /** See {@link findRootException}. */
  readonly exception: string | null;
  /** The output that holds it, else the one that holds anything. */
  readonly lines: readonly string[];
}

/**
 * Finds the root exception in a program's two outputs. spark-submit sends both outputs of a Python job to
 * its own standard output (Spark's PythonRunner), so a traceback there is the job's; Java's are on
 * standard error.
 */
export function findFailure({
  stdout,
  stderr,
}: {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}): FailureOutput {
  const hasTraceback = stdout.some((line) => line.startsWith(TRACEBACK));
  for (const lines of hasTraceback ? [stdout, stderr] : [stderr, stdout]) {
    const exception = findRootException(lines);
    if (exception !== null) return { exception, lines };
  }
  return { exception: null, lines: stderr.length > 0 ? stderr : stdout };
}

/** The traceback from its first line until the log goes on. */
function tracebackAt(lines: readonly string[], start: number): readonly string[] {
  const length = lines.slice(start).findIndex((line) => LOG_LINE.test(line));
  return lines.slice(start, length === -1 ? undefined : start + length);
}

function exceptionsOf(lines: readonly string[]): string[] {
  const found: string[] = [];
  let isInTraceback = false;
  for (const line of lines) {
    if (line.includes(TRACEBACK)) {
      isInTraceback = true;
      if (!line.startsWith(TRACEBACK)) found.push(line.trim());
      continue;
    }
    const isIndented = /^\s/.test(line);
    if (isInTraceback && line !== '' && !isIndented) {
      // Below a traceback's frames stands its exception, whatever it is called.
      isInTraceback = false;
      found.push(line);
      continue;
    }
    const exception = (JAVA.exec(line) ?? PYTHON.exec(line))?.groups?.exception;
    if (exception !== undefined) found.push(exception.trim());
  }
  return found;
}
