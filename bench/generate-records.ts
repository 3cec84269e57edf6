import { personName, titleText } from './generate-text.ts';
import { below, mix, pick, type Random } from './random.ts';
import { genreLists, professions, runtimes, titleTypes, years } from './vocabulary.ts';

/** How many titles and people a generated data set has, and how far apart its title ids lie. */
export interface DatasetSize {
  readonly titles: number;
  readonly people: number;
  readonly titleIdStep: number;
}

/** Writes the record of an index, or nothing where the file has no record for it. */
export type RecordWriter = (index: number) => string;

/** The largest numbers of directors and writers that a title of IMDb has had. */
const mostDirectors = 528;
const mostWriters = 1393;

const oddYears = ['2O04', '', ' 1999'];
const oddRuntimes = ['12.5', '99999999999', '+90', '007', ''];

/** The size of a data set of so many titles: IMDb has about 1.2 people for each. */
export function datasetSize(titles: number): DatasetSize {
  // Ids reach 40 million at any size, as IMDb's do, so that some have 7 digits and others 8.
  return {
    titles,
    people: Math.ceil(titles * 1.2),
    titleIdStep: Math.max(3, Math.floor(40_000_000 / titles)),
  };
}

function paddedId(prefix: string, number: number): string {
  return prefix + (number < 10_000_000 ? String(10_000_000 + number).slice(1) : String(number));
}

/** The id of a title: unique, in no regular distance, and the same in each of the files. */
export function titleId(size: DatasetSize, index: number): string {
  return paddedId('tt', 1 + index * size.titleIdStep + (mix(index) % size.titleIdStep));
}

/** Records of title.basics. */
export function basicsRecord(size: DatasetSize, random: Random): RecordWriter {
  return (index) => {
    const id = titleId(size, index);
    const type = pick(random, titleTypes);
    const title = titleText(random, type);
    const original = random() < 0.06 ? titleText(random, type) : title;
    const isAdult = random() < 0.03 ? '1' : '0';
    const start = random() < 0.118 ? '\\N' : pick(random, years);
    const isSeries = type === 'tvSeries' || type === 'tvMiniSeries';
    const end = isSeries && random() < 0.403 ? endYear(random, start) : '\\N';
    const runtime = random() < 0.6412 ? '\\N' : pick(random, runtimes);
    const genres = random() < 0.0433 ? '\\N' : pick(random, genreLists);
    const written = `${id}\t${type}\t${title}\t${original}\t${isAdult}`;
    // Returned early, because this record is what the time goes into.
    if (random() >= 0.00004) return `${written}\t${start}\t${end}\t${runtime}\t${genres}\n`;
    return `${written}\t${oddEnding(random, start, end, runtime, genres)}\n`;
  };
}

/** The last four fields with a fault: an odd value, or a wrong number of fields (0.001 % of all). */
function oddEnding(random: Random, start: string, end: string, runtime: string, genres: string): string {
  switch (below(random, 4)) {
    case 0:
      return random() < 0.5 ? `${start}\t${end}\t${runtime}` : `${start}\t${end}\t${runtime}\t${genres}\t`;
    case 1:
      return `${pick(random, oddYears)}\t${end}\t${runtime}\t${genres}`;
    case 2:
      return `${start}\t${end}\t${pick(random, oddRuntimes)}\t${genres}`;
    default:
      return `${start}\t${end}\t${runtime}\t`;
  }
}

function endYear(random: Random, start: string): string {
  return start === '\\N' ? '2020' : String(Math.min(2026, Number(start) + below(random, 8)));
}

/** Records of title.crew: one for nearly every title, and some for titles that do not exist. */
export function crewRecord(size: DatasetSize, random: Random): RecordWriter {
  const person = () => {
    const chance = random();
    // Squared, a few people have many credits; an id past the last person dangles.
    const index =
      chance < 0.0003 ? size.people + below(random, size.people) : Math.floor(random() ** 2 * size.people);
    return paddedId('nm', index + 1);
  };
  const people = (count: number) => {
    if (count === 0) return '\\N';
    let list = person();
    for (let billing = 1; billing < count; billing++) list += `,${person()}`;
    return list;
  };
  const widest = Math.floor(size.titles / 2);
  return (index) => {
    if (index === widest) {
      return `${titleId(size, index)}\t${people(mostDirectors)}\t${people(mostWriters)}\n`;
    }
    if (index < size.titles && random() < 0.0001) return '';
    const directors = crewSize(random, { none: 0.4402, one: 0.9, many: 0.015, most: mostDirectors });
    const writers = crewSize(random, { none: 0.4897, one: 0.55, many: 0.07, most: mostWriters });
    return `${titleId(size, index)}\t${people(directors)}\t${people(writers)}\n`;
  };
}

/** Shares of the titles without anybody and, of the others, with one and with more than five people. */
interface CrewShares {
  readonly none: number;
  readonly one: number;
  readonly many: number;
  readonly most: number;
}

/** The shares give records as long as those of IMDb's file: 391 MB for 11.6 million titles in May 2025. */
function crewSize(random: Random, { none, one, many, most }: CrewShares): number {
  if (random() < none) return 0;
  const chance = random();
  if (chance < one) return 1;
  if (chance < 1 - many) return 2 + Math.floor(random() ** 3 * 4);
  return Math.min(most, Math.floor(6 / Math.sqrt(random() + 0.00001)));
}

/** Records of title.ratings: 13 % of the titles have one. */
export function ratingsRecord(size: DatasetSize, random: Random): RecordWriter {
  return (index) => {
    if (random() >= 0.13) return '';
    // Mostly a bell around 6.9, and now and then any of the 91 ratings that there are.
    const bell = Math.round(69 + (random() + random() + random() - 1.5) * 27);
    const tenths = random() < 0.06 ? 10 + below(random, 91) : Math.min(100, bell);
    const votes = Math.min(3_000_000, Math.floor(5 / (random() + 0.000001) ** 1.4));
    const rating = `${titleId(size, index)}\t${Math.floor(tenths / 10)}.${tenths % 10}`;
    return random() < 0.00001 ? `${rating}\n` : `${rating}\t${votes}\n`;
  };
}

/** Records of name.basics. */
export function nameRecord(size: DatasetSize, random: Random): RecordWriter {
  const knownTitle = () => titleId(size, below(random, size.titles));
  return (index) => {
    const birth = random() < 0.045 ? 1900 + below(random, 105) : null;
    const death = birth !== null && birth < 1960 && random() < 0.5 ? birth + 30 + below(random, 36) : null;
    let known = random() < 0.12 ? '\\N' : knownTitle();
    if (known !== '\\N' && random() < 0.35) known += `,${knownTitle()},${knownTitle()}`;
    const start = `${paddedId('nm', index + 1)}\t${personName(random)}`;
    return `${start}\t${birth ?? '\\N'}\t${death ?? '\\N'}\t${pick(random, professions)}\t${known}\n`;
  };
}
