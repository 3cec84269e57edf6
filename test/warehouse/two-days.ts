import type { Film } from './films.ts';

/** The films of the first day. Keys say what becomes of them on the second. */
export const DAY_1: readonly Film[] = [
  ['all-null', null, null, null, null],
  ['appears', null, false, 1, 7.5],
  ['disappears', 'Here today', false, 2, 7.5],
  ['double', 'A rating moves a little', false, 3, 0.1 + 0.2],
  ['flips', 'Long', true, 4, 5],
  ["quote's", 'Rock \'n\' "roll"; -- \\', true, 5, 1],
  ['same', 'The Same', false, 6, 9.9],
  ['vanishes', 'Gone tomorrow', false, 7, 2.5],
  ['vanishes-too', null, null, null, null],
];

/** The films of the second day. */
export const DAY_2: readonly Film[] = [
  ['all-null', null, null, null, null],
  ['appears', 'A title at last', false, 1, 7.5],
  ['disappears', null, false, 2, 7.5],
  // 0.30000000000000004 the day before: the smallest change there is.
  ['double', 'A rating moves a little', false, 3, 0.3],
  ['flips', 'Long', false, 4, 5],
  ['new', 'New', false, 8, 8],
  ['new-and-null', null, null, null, null],
  ["quote's", 'Rock \'n\' "roll"; -- \\', true, 5, 1],
  ['same', 'The Same', false, 6, 9.9],
];
