import { unusable } from './jobs.ts';

/** The jobs that each job waits for, by its name; a job stands behind those. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * Reads which job waits for which from lines in the form of Mermaid's edges: `a --> b --> c`, `a & b --> c`.
 *
 * @param names the jobs that there are; without any line each of them follows the one before.
 * @throws PipelineError `bad-input` when a line is no edge, names a job that there is not, or makes a circle.
 */
export function parseGraph(lines: readonly string[], names: readonly string[]): Graph {
  if (lines.length === 0) {
    return new Map(names.map((name, index) => [name, names.slice(Math.max(0, index - 1), index)]));
  }
  const after = new Map<string, readonly string[]>();
  for (const line of lines) {
    const stages = line.split('-->').map((stage) => stage.split('&').map((name) => name.trim()));
    if (stages.length < 2) throw unusable('input graph', `"${line}" is no edge; it must be like a & b --> c`);
    for (const name of stages.flat()) {
      if (names.includes(name)) continue;
      throw unusable('input graph', `"${name}" in "${line}" is none of the jobs ${names.join(', ')}`);
    }
    for (const [index, stage] of stages.entries()) {
      const before = stages[index - 1] ?? [];
      for (const name of stage) after.set(name, [...new Set([...(after.get(name) ?? []), ...before])]);
    }
  }
  for (const name of names) if (!after.has(name)) after.set(name, []);
  return sortByEdges(after);
}

/** The jobs in an order in which each comes after what it waits for, and else as they are. */
function sortByEdges(after: Graph): Graph {
  const sorted = new Map<string, readonly string[]>();
  while (sorted.size < after.size) {
    const next = [...after].find(
      ([name, befores]) => !sorted.has(name) && befores.every((before) => sorted.has(before)),
    );
    if (next !== undefined) sorted.set(...next);
    else {
      const rest = [...after.keys()].filter((name) => !sorted.has(name));
      throw unusable('input graph', `${rest.join(', ')}: none can be the first, they wait in a circle`);
    }
  }
  return sorted;
}
