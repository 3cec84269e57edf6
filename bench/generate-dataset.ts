import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { RecordWriter } from './generate-records.ts';
import { basicsRecord, crewRecord, datasetSize, nameRecord, ratingsRecord } from './generate-records.ts';
import { createRandom } from './random.ts';

/** What to generate, and where. */
export interface GenerateOptions {
  /** The folder of the four files; it is made where it does not exist. */
  readonly directory: string;
  /** Records of title.basics, the few that are broken on purpose among them. */
  readonly titles: number;
  /** The same seed and number of titles give the same bytes. */
  readonly seed: number;
  /** Whether to write `.tsv.gz`, as IMDb does, and not `.tsv`. */
  readonly gzip: boolean;
}

/**
 * Records are joined as text only up to here: longer texts of many small parts outlive the young
 * generation of the garbage collector, and that made the whole three times slower.
 */
const textCharacters = 8 * 1024;

/** Bytes of one write to a file: few writes, and still little memory. */
const chunkBytes = 256 * 1024;

/** No record is longer: 1,921 ids in the widest crew take 20 KB. */
const spareBytes = 128 * 1024;

function* chunks(columns: string, count: number, record: RecordWriter): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(chunkBytes + spareBytes);
  let length = 0;
  let text = `${columns.replaceAll(' ', '\t')}\n`;
  for (let index = 0; index < count; index++) {
    text += record(index);
    if (text.length < textCharacters) continue;
    length += chunk.write(text, length);
    text = '';
    if (length < chunkBytes) continue;
    yield chunk.subarray(0, length);
    chunk = Buffer.allocUnsafe(chunkBytes + spareBytes);
    length = 0;
  }
  length += chunk.write(text, length);
  yield chunk.subarray(0, length);
}

/**
 * Writes the four files of IMDb with invented content: its shape, shares of nulls and quirks, and
 * not one of its rows. Memory stays flat at any number of titles.
 */
export async function generateDataset(options: GenerateOptions): Promise<void> {
  const { directory, titles, seed, gzip } = options;
  const size = datasetSize(titles);
  await mkdir(directory, { recursive: true });

  const write = async (dataset: string, columns: string, count: number, record: RecordWriter) => {
    const source = Readable.from(chunks(columns, count, record), { highWaterMark: 2 });
    const file = join(directory, gzip ? `${dataset}.tsv.gz` : `${dataset}.tsv`);
    if (gzip) await pipeline(source, createGzip(), createWriteStream(file));
    else await pipeline(source, createWriteStream(file));
  };

  // Each file has a stream of numbers of its own, so they can be written at the same time.
  await Promise.all([
    write(
      'title.basics',
      'tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres',
      titles,
      basicsRecord(size, createRandom(seed, 1)),
    ),
    write(
      'title.crew',
      'tconst directors writers',
      // IMDb's crew file is dumped later and has titles that title.basics does not have yet.
      titles + Math.ceil(titles / 5_000),
      crewRecord(size, createRandom(seed, 2)),
    ),
    write(
      'title.ratings',
      'tconst averageRating numVotes',
      titles,
      ratingsRecord(size, createRandom(seed, 3)),
    ),
    write(
      'name.basics',
      'nconst primaryName birthYear deathYear primaryProfession knownForTitles',
      size.people,
      nameRecord(size, createRandom(seed, 4)),
    ),
  ]);
}
