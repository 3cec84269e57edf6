import { toPlainLine } from './format.ts';

const COLOURS = {
  succeeded: 'fill:#dafbe1,stroke:#1a7f37,color:#1a1a1a',
  failed: 'fill:#ffebe9,stroke:#cf222e,color:#1a1a1a',
  cancelled: 'fill:#fff8c5,stroke:#9a6700,color:#1a1a1a',
  skipped: 'fill:#f6f8fa,stroke:#8c959f,color:#59636e',
} as const;

/** How a node of a flowchart ended; its class bears the name. */
export type NodeState = keyof typeof COLOURS;

/** The lines that give the nodes of these states their colours. */
export function classDefinitions(
  states: readonly NodeState[] = ['succeeded', 'failed', 'cancelled', 'skipped'],
): readonly string[] {
  return states.map((state) => `  classDef ${state} ${COLOURS[state]}`);
}

/** Text as a label that shows it: no directive, no end of the label or of the block of code. */
export function escapeMermaid(text: string): string {
  return toPlainLine(text).replaceAll(
    /["<>&#;`%@|\\{}[\]()]/g,
    (character) => `#${character.charCodeAt(0)};`,
  );
}
