import type { Film } from '../warehouse/films.ts';

/** A day's films: from each day to the next one appears, one changes, one vanishes and two stay, nulls among them. */
export function filmsOfDay(day: number): readonly Film[] {
  return [
    ['changes', `Day ${day}`, day % 2 === 0, day, day / 4],
    [`of-day-${day + 10}`, 'Two days here', false, day, 1],
    [`of-day-${day + 9}`, 'Two days here', false, day - 1, 1],
    ['same', null, null, null, null],
  ];
}
