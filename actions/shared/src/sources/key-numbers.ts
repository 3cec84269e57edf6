const ZERO = 0x30;
const NINE = 0x39;
const TAB = 0x09;
const PREFIX_LENGTH = 2;
/** IMDb's greatest numbers of 2026 have eight digits, and begin with a 4. */
const MOST_DIGITS = 8;

/** Stands for a key that is not two characters and a number of at most eight digits. */
export const NO_NUMBER = -1;

/** The number of the key that begins at the position and ends with a tab: 7 of tt0000007. */
export function keyNumberAt(block: Buffer, start: number): number {
  let number = 0;
  let position = start + PREFIX_LENGTH;
  for (; ; position++) {
    const byte = block[position] ?? TAB;
    if (byte < ZERO || byte > NINE) break;
    number = number * 10 + byte - ZERO;
    if (position - start >= PREFIX_LENGTH + MOST_DIGITS) return NO_NUMBER;
  }
  return position > start + PREFIX_LENGTH && block[position] === TAB ? number : NO_NUMBER;
}

/** A set of key numbers, a bit each, which only tells how many it holds. */
export interface KeyNumbers {
  readonly add: (number: number) => void;
  /** How many different numbers were added, without {@link NO_NUMBER}. */
  readonly count: () => number;
}

/** An empty set. It takes 12.5 MB, of which the operating system gives only what is touched. */
export function createKeyNumbers(): KeyNumbers {
  const bits = new Uint8Array(10 ** MOST_DIGITS / 8);
  let count = 0;
  return {
    add: (number) => {
      if (number === NO_NUMBER) return;
      const index = number >> 3;
      const bit = 1 << (number & 7);
      const byte = bits[index] ?? 0;
      if ((byte & bit) !== 0) return;
      bits[index] = byte | bit;
      count++;
    },
    count: () => count,
  };
}
