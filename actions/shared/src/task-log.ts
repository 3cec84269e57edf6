/** Where a task tells what it does. */
export interface TaskLog {
  /** Something worth a line of its own. */
  info(line: string): void;
  /** How far the work is; shown in passing on a terminal, nowhere else. */
  progress(text: string): void;
}
