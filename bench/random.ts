/** A source of numbers from 0 up to, but not including, 1. */
export type Random = () => number;

/**
 * A repeatable source of numbers: sfc32, the small fast counter generator of PractRand. The same
 * seed and stream give the same numbers on every machine; two streams of a seed are independent.
 */
export function createRandom(seed: number, stream: number): Random {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = stream | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  // Seeds that differ in one bit need some rounds before their numbers look unrelated.
  for (let round = 0; round < 15; round++) next();
  return next;
}

/** A well mixed 32 bit number for an index: the finalizer of MurmurHash3. */
export function mix(index: number): number {
  let hash = index ^ (index >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A whole number from 0 up to, but not including, the limit. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** One item of a list that is not empty. */
export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[below(random, items.length)];
  if (item === undefined) throw new RangeError('there is nothing to pick from');
  return item;
}

/**
 * A list in which each item stands as often as its weight tells, so that `pick` chooses by weight
 * with one look-up. Weights are counts.
 */
export function weighted<Item>(weights: readonly (readonly [Item, number])[]): readonly Item[] {
  return weights.flatMap(([item, weight]) => Array.from({ length: weight }, () => item));
}
