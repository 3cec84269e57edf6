import { below, createRandom, pick, type Random, weighted } from './random.ts';

const words = (text: string) => text.split(' ');

export const givenNames = words(
  'Amara Bastien Celeste Dorian Elspeth Farid Gisela Henrik Isolde Joaquín Katarzyna Leopold Mireille ' +
    'Nikolai Ottoline Pascual Quentin Rosalind Søren Tamsin Ulrich Vesna Wilhelmina Xiomara Yusuf Zdeněk ' +
    'Aoife Björn Chidi Dalia Emeka Fatou Gráinne Hiroko Ines Jarmila Kwame Lucía Maëlle Nuria Petra Ravi ' +
    'Radomir Siobhán Thandiwe Valentín Anna Boris Carl Dina Emil Flora Georg Hana Igor Julia Karl Lena Mark ' +
    'Nora Oskar Paula René Sara',
);
export const nameStarts = words(
  'Al Bar Cas Dor El Fal Gar Hol Il Jar Kal Lin Mar Nor Ol Pel Quar Ros Sol Tar Ul Ver Wal Yar Zel Ab Ber ' +
    'Cor Del Es Fon Gal Hath In Kil Lat Mon Nak Ok Par Rau San Tre Var Whit Zab',
);
export const nameMiddles = words(
  'a e i o u an en in on ar er or al el il ad ed id ag eg ig am em im ak ek ok ab eb ob av ev iv as es',
);
export const nameEnds = words(
  'bert burg dale den ez field gren holm ic kov lund man mer nes ov qvist rath sen shaw ski son stein ström ' +
    'ton vic wald well wick wood yan der lli',
);
export const namesInOtherScripts = (
  '田中 美沙|渡辺 透|陳曉帆|이하늘|Анна Ветрова|Игорь Солодов|Ελένη Μαυρίδη|محمد الزهراوي|' +
  'נועה ברזילי|अर्जुन मेहरा|சுதா ராகவன்|ธนา ศรีสุข|გიორგი ლომიძე'
).split('|');

export const adjectives = words(
  'Last Quiet Crooked Salt Hollow Paper Crimson Distant Unfinished Borrowed Winter Hungry Silver Forgotten ' +
    'Northern Velvet Broken Patient Burning Second Invisible Wandering Copper Reluctant Midnight Secret Golden ' +
    'Lonely Little Final New Old Wild Lost Hidden Early Late Deep Bitter Gentle',
);
export const nouns = words(
  'Harbour Lighthouse Orchard Ferryman Cartographer Widow Inheritance Station Orchestra Tide Ledger Witness ' +
    'Garden Locksmith Comet Switchboard Beekeeper Alibi Archive Monsoon Furnace Postmaster Swimmer Verdict ' +
    'Causeway River House Night Day Road Train Letter Stranger Brother Sister Island Mirror Game Promise War',
);
export const titlesInOtherScripts = (
  'Последний паром|Тихая смена|Το τελευταίο καΐκι|السفينة الأخيرة|המגדלור הנטוש|आख़िरी बरसात|শেষ খেয়া|' +
  'மழைக்கால கடிதம்|เรือลำสุดท้าย|灯台守の娘|夜行列車の午後|最后一班渡轮|마지막 나룻배|უკანასკნელი ხიდი|Źdźbło i żelazo'
).split('|');

/** IMDb's kinds of title, weighted by how many titles of 10,000 are of that kind. */
export const titleTypes = weighted([
  ['tvEpisode', 7_500],
  ['short', 960],
  ['movie', 680],
  ['video', 280],
  ['tvSeries', 250],
  ['tvMovie', 130],
  ['tvMiniSeries', 60],
  ['tvSpecial', 55],
  ['videoGame', 45],
  ['tvShort', 30],
  ['tvPilot', 10],
]);

const genreWeights = weighted(
  Object.entries({
    Drama: 180,
    Comedy: 130,
    'Talk-Show': 75,
    Documentary: 65,
    News: 60,
    Short: 70,
    Romance: 60,
    Family: 50,
    'Reality-TV': 45,
    Animation: 40,
    Crime: 30,
    Action: 30,
    Adventure: 28,
    'Game-Show': 25,
    Music: 25,
    Adult: 22,
    Sport: 20,
    Fantasy: 15,
    Mystery: 15,
    Horror: 14,
    Thriller: 13,
    History: 12,
    Biography: 10,
    'Sci-Fi': 10,
    Musical: 5,
    War: 3,
    Western: 2,
    'Film-Noir': 1,
  }),
);

function genreCombination(random: Random): string {
  const genres = new Set<string>();
  const size = pick(random, [1, 1, 1, 2, 2, 3, 3]);
  while (genres.size < size) genres.add(pick(random, genreWeights));
  return [...genres].toSorted().join(',');
}

const random = createRandom(1, 0);

/** Lists of 1 to 3 genres as title.basics writes them. */
export const genreLists: readonly string[] = Array.from({ length: 8192 }, () => genreCombination(random));

/** Years of release as text: few in 1900, most of late, none after 2026. */
export const years: readonly string[] = Array.from({ length: 8192 }, () =>
  String(2026 - (Math.floor(-18 * Math.log(1 - random())) % 127)),
);

/** Runtimes in minutes as text: half an hour, an hour, a film. */
export const runtimes: readonly string[] = Array.from({ length: 4096 }, () =>
  String(pick(random, [6, 20, 22, 40, 55, 85]) + below(random, 26)),
);

/** What people are known to do, as name.basics writes it. */
export const professions = words(
  'actor actress actor,producer miscellaneous producer writer director \\N \\N camera_department ' +
    'writer,director director,producer,writer composer,soundtrack editor',
);
