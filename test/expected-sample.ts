/** A row of `imdb_titles` with all 18 columns of the contract. */
export interface ExpectedRow {
  readonly title_key: string;
  readonly primary_title: string;
  readonly original_title: string;
  readonly title_type: string;
  readonly directors: string | null;
  readonly writers: string | null;
  readonly genres: string | null;
  readonly has_directors: boolean;
  readonly has_writers: boolean;
  readonly has_ended: boolean;
  readonly num_of_genres: number;
  readonly release_year: number | null;
  readonly end_year: number | null;
  readonly average_rating: number | null;
  readonly num_votes: number | null;
  readonly runtime_minutes: number | null;
  readonly num_directors: number;
  readonly num_writers: number;
}

type Differences = Partial<Omit<ExpectedRow, 'title_key' | 'primary_title' | 'release_year'>>;

/**
 * Most planted titles are an episode of 40 minutes with the genre Drama and one director, and differ
 * in the one thing they were planted for; so only that stands in the list below.
 */
function row(
  title_key: string,
  primary_title: string,
  release_year: number | null,
  differences: Differences = {},
): ExpectedRow {
  return {
    title_key,
    primary_title,
    original_title: primary_title,
    title_type: 'tvEpisode',
    directors: 'Odile Marchetti',
    writers: null,
    genres: 'Drama',
    has_directors: true,
    has_writers: false,
    has_ended: false,
    num_of_genres: 1,
    release_year,
    end_year: null,
    average_rating: null,
    num_votes: null,
    runtime_minutes: 40,
    num_directors: 1,
    num_writers: 0,
    ...differences,
  };
}

const noDirectors = { directors: null, has_directors: false, num_directors: 0 } as const;

const titlesAsText: readonly ExpectedRow[] = [
  row('tt9200001', '"Half of a Quote', 1951),
  row('tt9200002', '"Balanced Quotes"', 1952, { average_rating: 7.1, num_votes: 120 }),
  row('tt9200003', 'The "Middle" Child', 1953, { average_rating: 6.4, num_votes: 88 }),
  row('tt9200004', 'A Screen of 27"', 1954),
  row('tt9200005', '"', 1955),
  row('tt9200006', "'Tis the Baker's Daughter", 1956),
  row('tt9200007', 'C:\\new', 1957),
  row('tt9200008', 'The Trailing Backslash\\', 1958),
  row('tt9200009', 'Before\\tAfter', 1959),
  row('tt9200010', 'Line One\\nLine Two', 1960),
  row('tt9200011', 'NA', 1961, { average_rating: 5.9, num_votes: 43 }),
  row('tt9200012', 'None', 1962),
  row('tt9200013', 'null', 1963),
  row('tt9200014', 'NULL', 1964),
  row('tt9200015', 'nan', 1965),
  row('tt9200016', '', 1966, { original_title: 'The Film Without a Title' }),
  row('tt9200017', ' ', 1967),
  row('tt9200018', '  Spaces Around  ', 1968),
  row('tt9200019', ' \\N', 1969),
];

const titlesCutTo200: readonly ExpectedRow[] = [
  row('tt9200020', 'a'.repeat(200), 1970),
  row('tt9200021', 'b'.repeat(200), 1971),
  row('tt9200022', '🎬'.repeat(200), 1972, {
    original_title: 'Two Hundred and Fifty Clapperboards',
    title_type: 'short',
  }),
  // The 200th code point is the letter; its accent is the 201st.
  row('tt9200023', `${'x'.repeat(199)}e`, 1973, { original_title: 'Accent on the Edge' }),
  // 347 bytes, but only 116 code points: nothing is cut.
  row('tt9200024', `${'終わりのない長い夜の'.repeat(11)}終わりのなé`, 1974, {
    original_title: '終わりのない長い夜の',
  }),
  // A family is 4 people and 3 joiners: 28 families are 196 code points, and 4 more follow.
  row('tt9200025', `${'👨\u200d👩\u200d👧\u200d👦'.repeat(28)}👨\u200d👩\u200d`, 1975, {
    original_title: 'Thirty Families',
    title_type: 'video',
  }),
  row('tt9200026', 'Above\u2028Below', 1976),
];

const crews: readonly ExpectedRow[] = [
  row('tt9200027', 'Nobody Credited', 1977, noDirectors),
  row('tt9200028', 'Credits Unknown', 1978, noDirectors),
  row('tt9200029', 'One Director', 1979, { directors: 'Tobias Wren', average_rating: 8, num_votes: 57 }),
  row('tt9200030', 'Five Directors', 1980, {
    directors: 'Priya Ramanan,Mateus Carvalhal,Ingrid Solheim,Tobias Wren,Odile Marchetti',
    num_directors: 5,
  }),
  row('tt9200031', 'Six Directors', 1981, {
    directors: 'Odile Marchetti,Tobias Wren,Ingrid Solheim,Mateus Carvalhal,Priya Ramanan',
    num_directors: 6,
  }),
  row('tt9200032', 'The Directors of the World', 1982, {
    title_type: 'movie',
    directors: 'Jonas Eklöv,Priya Ramanan,Mateus Carvalhal,Ingrid Solheim,Tobias Wren',
    average_rating: 6.6,
    num_votes: 950,
    runtime_minutes: 140,
    num_directors: 528,
  }),
  row('tt9200033', 'A Thousand Hands', 1983, {
    title_type: 'tvSeries',
    ...noDirectors,
    writers: 'Odile Marchetti,Tobias Wren,Ingrid Solheim,Mateus Carvalhal,Jonas Eklöv',
    has_writers: true,
    has_ended: true,
    end_year: 1991,
    average_rating: 7.3,
    num_votes: 410,
    num_writers: 1393,
  }),
  row('tt9200034', 'Written and Directed', 1984, {
    directors: 'Ingrid Solheim',
    writers: 'Ingrid Solheim',
    has_writers: true,
    num_writers: 1,
  }),
  row('tt9200035', 'Credited Twice', 1985, {
    directors: 'Tobias Wren,Tobias Wren,Ingrid Solheim',
    writers: 'Mateus Carvalhal,Priya Ramanan,Mateus Carvalhal',
    has_writers: true,
    num_directors: 3,
    num_writers: 3,
  }),
  row('tt9200036', 'First One Missing', 1986, { directors: 'Tobias Wren,Ingrid Solheim', num_directors: 3 }),
  row('tt9200037', 'Middle One Missing', 1987, { directors: 'Tobias Wren,Ingrid Solheim', num_directors: 3 }),
  // The sixth does not move up: the cut to 5 comes before the names are looked up.
  row('tt9200038', 'Fifth One Missing', 1988, {
    directors: 'Odile Marchetti,Tobias Wren,Ingrid Solheim,Mateus Carvalhal',
    num_directors: 6,
  }),
  row('tt9200039', 'All Missing', 1989, {
    directors: null,
    has_writers: true,
    num_directors: 2,
    num_writers: 1,
  }),
  row('tt9200040', 'Sixth One Missing', 1990, {
    directors: 'Odile Marchetti,Tobias Wren,Ingrid Solheim,Mateus Carvalhal,Priya Ramanan',
    num_directors: 6,
  }),
  row('tt9200041', 'Name Not Given', 1991, { directors: 'Tobias Wren', num_directors: 2 }),
  row('tt9200042', 'Name Left Empty', 1992, {
    directors: 'Ingrid Solheim,Tobias Wren',
    has_writers: true,
    num_directors: 3,
    num_writers: 1,
  }),
  row('tt9200043', 'Awkward Names', 1993, {
    directors: 'Harlan Pryce, Jr.,Dot "Ace" Malloy,"Kit Larkin,Maria Santos,Maria Santos',
    writers: 'NA',
    has_writers: true,
    num_directors: 5,
    num_writers: 1,
  }),
  row('tt9200044', 'World Cinema', 1994, {
    directors: '山崎 澄人,Людмила Орехова,نادية الفاسي,अनिका वर्मा',
    writers: '김서윤',
    has_writers: true,
    num_directors: 4,
    num_writers: 1,
  }),
  // name.basics has the id as `Zita Vinterberg` too; `Å` is the greater in byte order.
  row('tt9200045', 'Twice in the Names', 1995, { directors: 'Åsa Vinterberg' }),
  row('tt9200046', 'Gaps in the List', 1996, { directors: 'Tobias Wren,Ingrid Solheim', num_directors: 2 }),
];

const numbersAndGenres: readonly ExpectedRow[] = [
  row('tt9200047', 'Year with a Letter', null),
  row('tt9200048', 'Half a Minute', 1998, { runtime_minutes: null }),
  row('tt9200049', 'Longer than Time', 1999, { runtime_minutes: null }),
  row('tt9200050', 'Runtime after a Space', 2000, { runtime_minutes: null }),
  row('tt9200051', 'Runtime with a Plus', 2001, { runtime_minutes: null }),
  row('tt9200052', 'Runtime below Zero', 2002, { runtime_minutes: -5 }),
  row('tt9200053', 'Runtime with Zeros', 2003, { runtime_minutes: 7 }),
  row('tt9200054', 'The Series That Ended Before It Began', 2004, {
    title_type: 'tvSeries',
    has_ended: true,
    end_year: 1998,
  }),
  row('tt9200055', 'No Year at All', null),
  row('tt9200056', 'Two Decimals', 2006, { average_rating: 7.25, num_votes: 64 }),
  row('tt9200057', 'Loved by Five', 2007, { average_rating: 10, num_votes: 5 }),
  row('tt9200058', 'Loathed by Nine', 2008, { average_rating: 1, num_votes: 9 }),
  row('tt9200059', 'End Year with a Letter', 2009, { title_type: 'tvSeries' }),
  row('tt9200060', 'Rating with a Comma', 2010),
  row('tt9200061', 'Genres Unknown', 2011, { genres: null, num_of_genres: 0 }),
  row('tt9200062', 'One Genre', 2012, { genres: 'Western' }),
  row('tt9200063', 'Two Genres', 2013, { genres: 'Comedy,Music', num_of_genres: 2 }),
  row('tt9200064', 'Three Genres', 2014, { genres: 'Action,Animation,Sci-Fi', num_of_genres: 3 }),
  row('tt9200065', 'Genres Left Empty', 2015, { genres: '', num_of_genres: 0 }),
  // Its record in title.ratings has 2 fields and is rejected.
  row('tt9200068', 'Rating Cut Short', 2018),
  row('tt920069', 'Six Digits', 2019),
  row('tt92000070', 'Eight Digits', 2020, { average_rating: 6.9, num_votes: 71 }),
];

const knownTitles: readonly ExpectedRow[] = [
  row('tt0117060', 'Mission: Impossible', 1996, {
    title_type: 'movie',
    directors: 'Brian De Palma',
    writers: 'David Koepp,Robert Towne',
    genres: 'Action,Adventure,Thriller',
    has_writers: true,
    num_of_genres: 3,
    average_rating: 7.4,
    num_votes: 3120,
    runtime_minutes: 110,
    num_writers: 2,
  }),
  row('tt5071412', 'Ozark', 2017, {
    title_type: 'tvSeries',
    ...noDirectors,
    writers: 'Bill Dubuque,Mark Williams',
    genres: 'Crime,Drama,Thriller',
    has_writers: true,
    has_ended: true,
    num_of_genres: 3,
    end_year: 2022,
    average_rating: 8.2,
    num_votes: 2750,
    runtime_minutes: 60,
    num_writers: 2,
  }),
];

/**
 * What the table holds for the planted titles of `samples/day-1` (tt92...) and for two known ones,
 * worked out by hand from the rules. tt9200066 and tt9200067 are missing: their records are rejected.
 */
export const expectedSampleRows: readonly ExpectedRow[] = [
  ...titlesAsText,
  ...titlesCutTo200,
  ...crews,
  ...numbersAndGenres,
  ...knownTitles,
];

/**
 * Counts over the whole of `samples/day-1`. `namesLookedUp` are the ids among the first 5 directors
 * and the first 5 writers of each record of title.crew: 806 of titles in the table, 2 of titles whose record is
 * refused (tt9200066, tt9200067), 4 of titles that have none (tt9299001, tt9299002). `namesMissing` are those
 * of them that have no name, 9 and 2. `unparsed` counts the fields that are neither null nor a number that fits their column.
 */
export const expectedSampleCounts = {
  titles: 477,
  rejects: { 'title.basics': 2, 'title.crew': 0, 'title.ratings': 1, 'name.basics': 0 },
  namesLookedUp: 812,
  namesMissing: 11,
  unparsed: { release_year: 2, end_year: 1, runtime_minutes: 4, average_rating: 1, num_votes: 1 },
} as const;

/** The keys of the rows that `samples/day-2` adds to, changes in and removes from those of day 1. */
export const expectedDayTwo: {
  readonly inserted: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
} = {
  inserted: [
    'tt91001907',
    'tt91001908',
    'tt9100401',
    'tt9100402',
    'tt9100403',
    'tt9100404',
    'tt9100405',
    'tt9100406',
    'tt9100407',
    'tt9100408',
    'tt9100409',
    'tt9100410',
  ],
  changed: [
    'tt9100011',
    'tt9100016',
    'tt9100025',
    'tt9100048',
    'tt9100080',
    'tt9100086',
    'tt91000871',
    'tt9100101',
    'tt9100116',
    'tt9100146',
    'tt9100206',
    'tt9100223',
    'tt9100228',
    'tt9100262',
    'tt9100312',
    'tt9100319',
    'tt9100340',
    'tt9100366',
  ],
  removed: ['tt9100042'],
};
