import type { DuckDBConnection } from '@duckdb/node-api';

/** An interrupt that comes between two queries is lost, so it is sent again until the work has ended. */
const AGAIN_MS = 20;

/** Runs work whose queries are the connection's and which the signal interrupts; after that none is begun. */
export async function interruptible<Result>(
  connection: DuckDBConnection,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  let interrupting: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    interrupting = setInterval(() => connection.interrupt(), AGAIN_MS);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    return await work();
  } finally {
    signal?.removeEventListener('abort', interrupt);
    clearInterval(interrupting);
  }
}
