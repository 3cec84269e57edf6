import { awkwardNames, awkwardTitles } from './awkward-text.ts';
import { below, pick, type Random } from './random.ts';
import {
  adjectives,
  givenNames,
  nameEnds,
  nameMiddles,
  nameStarts,
  namesInOtherScripts,
  nouns,
  titlesInOtherScripts,
} from './vocabulary.ts';

const initials = 'ABCDEFGHJKLMNPRSTW';

function surname(random: Random): string {
  return pick(random, nameStarts) + pick(random, nameMiddles) + pick(random, nameEnds);
}

/**
 * A person's name. Names are put together from parts because most of the millions of real ones are
 * unique: a short list of names would make every column of names compress and join far too well. The
 * initials leave about 78 % of 14.4 million names distinct, as IMDb's are.
 */
export function personName(random: Random): string {
  const kind = random();
  if (kind < 0.00005) return pick(random, awkwardNames);
  if (kind < 0.01) return pick(random, namesInOtherScripts);
  const given = pick(random, givenNames);
  if (kind < 0.65) return `${given} ${initials[below(random, initials.length)]}. ${surname(random)}`;
  return `${given} ${surname(random)}`;
}

/** A title, awkward once in about 1,000 times; of episodes often only a number. */
export function titleText(random: Random, titleType: string): string {
  const kind = random();
  if (kind < 0.001) return pick(random, awkwardTitles);
  if (kind < 0.03) return `${pick(random, titlesInOtherScripts)} ${below(random, 500)}`;
  if (titleType === 'tvEpisode' && kind < 0.45) {
    return `Episode #${1 + below(random, 30)}.${1 + below(random, 300)}`;
  }
  if (kind < 0.6) return `The ${pick(random, adjectives)} ${pick(random, nouns)}`;
  if (kind < 0.75) return `${pick(random, givenNames)} ${surname(random)} and the ${pick(random, nouns)}`;
  if (kind < 0.9) return `The ${pick(random, nouns)} of ${surname(random)}`;
  return `${pick(random, adjectives)} ${pick(random, nouns)} in ${surname(random)}`;
}
