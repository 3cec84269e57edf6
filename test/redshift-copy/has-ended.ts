/** Whether the work has ended by now. */
export function hasEnded(work: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    work.then(() => true),
    new Promise<false>((resolve) => {
      setImmediate(resolve, false);
    }),
  ]);
}
