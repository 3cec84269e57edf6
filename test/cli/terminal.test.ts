import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import type { RunReport } from '../../actions/shared/src/report/run-report.ts';
import type { QueryReport } from '../../actions/shared/src/warehouse/query-report.ts';
import { formatExamples } from '../../cli/terminal.ts';
import { files, root } from '../project.ts';
import { finish } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();

/** How the spinner goes back to the start of its line to draw it anew. */
const TO_FIRST_COLUMN = '\u001B[1G';

/** Python's pty module runs the command on a real pseudo-terminal and copies what it writes. */
const ON_A_TERMINAL = `
import os, pty, sys, fcntl, termios, struct
pid, master = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        output = os.read(master, 4096)
    except OSError:
        break
    if not output:
        break
    os.write(1, output)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

describe('on a terminal of 80 columns', () => {
  test('the tasks pass with a spinner, and every line fits', async () => {
    const python = join(files.pythonEnvironment, process.platform === 'win32' ? 'Scripts' : 'bin', 'python');
    const command = [process.execPath, join(root, 'lib', 'cli', 'index.js'), '--output', 'out'];
    const environment = { ...process.env, TERM: 'xterm-256color', CI: undefined, INIT_CWD: folder };
    const program = spawn(python, ['-c', ON_A_TERMINAL, ...command], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { code, stdout } = await finish(program);
    expect(code).toBe(0);
    expect(stdout).toContain('⠋');
    const lines = stdout
      .replaceAll(TO_FIRST_COLUMN, '\n')
      .split(/\r?\n|\r/)
      .map(stripVTControlCharacters);
    expect(lines.filter((line) => stringWidth(line) > 80)).toEqual([]);
    for (const task of ['audit_sources', 'transform_titles', 'publish_titles']) {
      expect(lines.filter((line) => line.includes(`✔ ${task}`))).toHaveLength(1);
    }
  });
});

describe('an answer', () => {
  const answer = (columns: string[], rows: QueryReport['rows']): string => {
    const example = { name: 'a', question: 'Why?', sql: '', columns, rows, seconds: 0 };
    return formatExamples({ examples: [example] } as unknown as RunReport, 40);
  };

  test('shows numbers with the decimals of their column, and nothing for null', () => {
    const text = answer(
      ['n', 'x'],
      [
        [9, 'a'],
        [8.25, null],
      ],
    );
    expect(text).toContain('│ 9.00 │ a │');
    expect(text).toContain('│ 8.25 │   │');
  });

  test('tells how many rows it does not show', () => {
    const rows = Array.from({ length: 13 }, (_, index) => [index]);
    expect(answer(['n'], rows)).toContain('... and 3 more in report.html');
  });

  test('wraps long and wide text within the width, losing nothing', () => {
    const words = 'one two three four five six seven eight nine ten eleven twelve';
    const text = answer(
      ['title', 'n'],
      [
        [words, 1],
        ['海辺の時刻表'.repeat(3), 2],
      ],
    );
    expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(40);
    expect(text.replaceAll(/[│\s\d]/g, '')).toContain(words.replaceAll(' ', ''));
  });
});
