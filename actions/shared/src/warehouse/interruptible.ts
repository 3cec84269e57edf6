import type { DuckDBConnection } from '@duckdb/node-api';

/** An interrupt that comes before the query has begun is lost, so it is sent again until the query has ended. */
const AGAIN_MS = 100;

/** Runs a query of the connection's, which the signal interrupts; after that none is begun. */
export async function interruptible<Result>(
  connection: DuckDBConnection,
  signal: AbortSignal | undefined,
  query: () => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  let interrupting: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    interrupting = setInterval(() => connection.interrupt(), AGAIN_MS);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    return await query();
  } finally {
    signal?.removeEventListener('abort', interrupt);
    clearInterval(interrupting);
  }
}
