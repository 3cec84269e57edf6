import type { Size } from './inputs.ts';

/** Instance types of one architecture and one size; EMR takes those that it can get best. */
export interface MachineChoice {
  /** The primary node's types. In client mode it holds the driver. */
  readonly primary: readonly string[];
  /** The types of one unit of capacity; each of them counts as one unit. */
  readonly unit: readonly string[];
}

/** How large a cluster is. */
export interface Preset {
  /** Units at the start and the fewest ever, and the most that managed scaling may reach. */
  readonly units: { readonly least: number; readonly most: number };
  /** What to try in turn when there is no capacity. */
  readonly choices: readonly MachineChoice[];
  /** Properties of the classification spark-defaults. */
  readonly sparkDefaults: Readonly<Record<string, string>>;
}

/**
 * Graviton with 4 GiB a core first, since it costs least (see prices.yml), then Graviton with 8 GiB a
 * core, then Intel. A second and a third choice of other families, not of other sizes: capacity runs out
 * by family and zone. A fleet never mixes architectures, as one bootstrap action or native library
 * seldom suits both. EMR 7.13.0 supports all of them (ListSupportedInstanceTypes).
 */
function choicesOf(primarySize: string, unitSize: string): MachineChoice[] {
  const families = [
    ['m7g', 'm6g'],
    ['r7g', 'r6g'],
    ['m6i', 'r6i'],
  ];
  return families.map((pair) => ({
    primary: pair.map((family) => `${family}.${primarySize}`),
    unit: pair.map((family) => `${family}.${unitSize}`),
  }));
}

/**
 * The sizes. None sets the size of Spark's executors or `maximizeResourceAllocation`: EMR derives
 * executors from the instance types, has dynamic allocation on, which managed scaling needs, and advises
 * to measure its defaults before any change (EMR Release Guide, emr-spark-configure).
 */
export const PRESETS: Readonly<Record<Size, Preset>> = {
  /** Samples and jobs of a few GB. Two units, so that the loss of one Spot instance does not end the job. */
  small: { units: { least: 2, most: 4 }, choices: choicesOf('xlarge', 'xlarge'), sparkDefaults: {} },
  /**
   * IMDb as it is today: 12 million titles, 2.4 GB of TSV. One machine with 2 cores takes under three
   * minutes for them, so that 4 units of 4 cores leave the start of the cluster as the longest part.
   */
  standard: { units: { least: 4, most: 8 }, choices: choicesOf('xlarge', 'xlarge'), sparkDefaults: {} },
  /**
   * A hundred times that: some 240 GB of TSV. Units of 16 cores, as fewer and larger machines keep more of
   * a shuffle local. Adaptive execution merges small shuffle partitions but does not divide even ones, so
   * it is given many to start from; the default of 200 would make them some GB each (Spark's SQL
   * performance tuning guide, coalescing post shuffle partitions).
   */
  x100: {
    units: { least: 8, most: 64 },
    choices: choicesOf('4xlarge', '4xlarge'),
    sparkDefaults: { 'spark.sql.adaptive.coalescePartitions.initialPartitionNum': '2048' },
  },
};
