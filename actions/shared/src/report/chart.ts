/** One of the colours of a chart and what it stands for. */
export interface LegendEntry {
  readonly label: string;
  readonly color: string;
}

/** A drawn chart. */
export interface Chart {
  /** The query it draws, for example `titles_by_type`. */
  readonly name: string;
  readonly title: string;
  /** The finding, in one line. */
  readonly caption: string;
  readonly legend: readonly LegendEntry[];
  readonly svg: string;
  /** The same chart for a narrow screen, where shrinking the wide one would make its text unreadable. */
  readonly narrowSvg: string | null;
}
