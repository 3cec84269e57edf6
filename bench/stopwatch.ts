/** A watch that times steps, each from its call to the next one's. */
export interface Stopwatch {
  /** Seconds by step; steps of one name are added up. */
  readonly steps: Readonly<Record<string, number>>;
  /** Ends the step before and begins this one. */
  readonly onStep: (step: string) => void;
  /** Ends the last step. */
  readonly stop: () => void;
}

/** Makes a watch that stands still until the first step; `now` tells seconds. */
export function createStopwatch(now: () => number): Stopwatch {
  const steps: Record<string, number> = {};
  let current: { readonly step: string; readonly since: number } | null = null;
  const stop = () => {
    if (current !== null) steps[current.step] = (steps[current.step] ?? 0) + now() - current.since;
    current = null;
  };
  const onStep = (step: string) => {
    stop();
    current = { step, since: now() };
  };
  return { steps, onStep, stop };
}
