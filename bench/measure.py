"""Run a command and tell what it took, as one JSON object on standard output.

    measure.py COMMAND [ARGUMENT ...]

Seconds are of the wall clock and of the processors; peak_bytes is the resident memory of the largest
process among the command and those it has started and waited for. Of what the command writes to
standard output the last line is handed on as "last_line".
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

# getrusage counts in kilobytes on Linux and in bytes on macOS.
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


def main() -> int:
    """Run the command line's command; its exit code is in the answer, and ours is 0."""
    started = time.perf_counter()
    ended = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = ended.stdout.rstrip("\n").split("\n")
    measured = {
        "exit_code": ended.returncode,
        "seconds": seconds,
        "processor_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": used.ru_maxrss * MAXRSS_BYTES,
        "last_line": lines[-1],
    }
    print(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
