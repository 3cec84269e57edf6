import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readChecks } from '../../actions/shared/src/checks/checks-file.ts';
import { failureOf } from '../contract/failure-of.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
let written = 0;

async function write(text: string): Promise<string> {
  const path = join(folder, `checks-${++written}.yml`);
  await writeFile(path, text);
  return path;
}

const SOUND = `checks:
  - name: title_present
    kind: not_null
    column: title
    description: Every film has a title.
    error: "> 0"
  - name: rating_in_scale
    kind: range
    column: rating
    min: 1
    max: 10.5
    description: A rating lies in the scale.
    warn: "> 0"
    error: "> 1%"
`;

/** The sound file with one text replaced; the text must be there. */
function withChange(from: string, to: string): string {
  if (!SOUND.includes(from)) throw new Error(`"${from}" does not stand in the sound file`);
  return SOUND.replace(from, to);
}

describe('readChecks', () => {
  test('reads a sound file', async () => {
    const checks = await readChecks(await write(SOUND));
    expect(checks).toMatchObject([
      { name: 'title_present', kind: 'not_null', column: 'title', error: { text: '> 0', isShare: false } },
      { name: 'rating_in_scale', kind: 'range', min: 1, max: 10.5, error: { text: '> 1%', isShare: true } },
    ]);
    expect(checks[0]?.warn).toBeUndefined();
  });

  test('reads the shipped file', async () => {
    const names = (await readChecks(files.checks)).map(({ name }) => name);
    // The checks that the original specification asks for.
    expect(names).toEqual(
      expect.arrayContaining([
        'title_key_present',
        'primary_title_present',
        'original_title_present',
        'title_type_present',
        'average_rating_not_negative',
        'num_votes_not_negative',
      ]),
    );
  });

  // Where a key is missing, the position is that of the check it belongs in.
  test.each([
    ['an unknown kind', withChange('kind: range', 'kind: ranges'), /line 8, column 11: checks\.1\.kind: /],
    [
      'an unknown key',
      withChange('max: 10.5', 'max: 10.5\n    maximum: 11'),
      /^line 12, column 5: checks\.1: .*"maximum"$/,
    ],
    [
      'a key of another kind',
      withChange('column: title', 'column: title\n    min: 1'),
      /^line 5, column 5: checks\.0: .*"min"$/,
    ],
    [
      'two unknown keys, each at its place',
      withChange('column: title', 'columm: title\n    column: title\n    sevrity: high'),
      /^line 4, column 5: checks\.0: .*"columm"; line 6, column 5: checks\.0: .*"sevrity"$/,
    ],
    [
      'an unknown key in quotes, in a check of one line',
      'checks:\n  - {name: rows, kind: row_count, description: x, error: "< 1", "sevrity": high}\n',
      /^line 2, column 65: checks\.0: .*"sevrity"$/,
    ],
    ['an unknown key beside the checks', `${SOUND}chekcs: []\n`, /^line 15, column 1: .*"chekcs"$/],
    [
      'a key without a value',
      withChange('column: title', 'column:'),
      /^line 4, column 12: checks\.0\.column: .*string/,
    ],
    [
      'a column that is a list',
      withChange('column: title', 'column: [title]'),
      /^line 4, column 13: checks\.0\.column: .*string/,
    ],
    [
      'a description that is a number',
      withChange('description: A rating lies in the scale.', 'description:   404'),
      /^line 12, column 20: checks\.1\.description: .*string/,
    ],
    ['a check that is a text', 'checks:\n  - not_null\n', /^line 2, column 5: checks\.0: .*object/],
    ['checks that are no list', 'checks:\n  name: rows\n', /^line 2, column 3: checks: .*array/],
    [
      'a missing key, at its check',
      withChange('    column: rating\n', ''),
      /^line 7, column 5: checks\.1\.column: .*string/,
    ],
    [
      'a check without a threshold',
      withChange('    error: "> 0"\n', ''),
      /line 2, column 5: checks\.0: a check needs a threshold/,
    ],
    [
      'a range without bounds',
      withChange('    min: 1\n    max: 10.5\n', ''),
      /line 7, column 5: checks\.1: a range needs min, max or both/,
    ],
    [
      'a bound that is no number',
      withChange('min: 1', 'min: one'),
      /line 10, column 10: checks\.1\.min: .*number/,
    ],
    [
      'a bound that is not finite',
      withChange('max: 10.5', 'max: .inf'),
      /line 11, column 10: checks\.1\.max: /,
    ],
    [
      'a bound that is not a number to computers',
      withChange('max: 10.5', 'max: .nan'),
      /line 11, column 10: checks\.1\.max: /,
    ],
    [
      'a doubled name',
      withChange('name: rating_in_scale', 'name: title_present'),
      /line 7, column 11: checks\.1\.name: "title_present" stands twice/,
    ],
    [
      'a name that is not snake_case',
      withChange('name: title_present', 'name: Title present'),
      /line 2, column 11: checks\.0\.name: must be a snake_case name/,
    ],
    [
      'a threshold that is none',
      withChange('error: "> 0"', 'error: more than 0'),
      /line 6, column 12: checks\.0\.error: "more than 0" is not a threshold/,
    ],
    [
      'a threshold that is a bare number',
      withChange('error: "> 0"', 'error: 0'),
      /line 6, column 12: checks\.0\.error: .*string/,
    ],
    // YAML takes an unquoted > for the beginning of a folded text, and finds 0 in its head.
    ['an unquoted > before a number', withChange('error: "> 0"', 'error: > 0'), /line 6, column (12|14)/],
    ['an unquoted > before a share', withChange('error: "> 1%"', 'error: > 1%'), /line 14, column 1\d/],
    [
      'a share of hours',
      withChange('kind: not_null\n    column: title', 'kind: freshness').replace('"> 0"', '"> 1%"'),
      /line 2, column 5: checks\.0: freshness is told in hours/,
    ],
    [
      'accepted values that are none',
      withChange('kind: not_null', 'kind: accepted_values\n    values: []'),
      /line 4, column 13: checks\.0\.values: /,
    ],
    [
      'an accepted value that is a list',
      withChange('kind: not_null', 'kind: accepted_values\n    values: [movie, [short]]'),
      /line 4, column 21: checks\.0\.values\.1: /,
    ],
    [
      'an operator that is none',
      withChange('kind: not_null', 'kind: column_comparison\n    operator: "<>"\n    other_column: year'),
      /line 4, column 15: checks\.0\.operator: /,
    ],
    [
      'bytes that are not whole',
      withChange('kind: not_null', 'kind: max_bytes\n    max: 1.5'),
      /line 4, column 10: checks\.0\.max: /,
    ],
    [
      'a metric that is none',
      withChange('kind: not_null', 'kind: drift\n    metric: median'),
      /line 4, column 13: checks\.0\.metric: /,
    ],
    [
      'no load to compare with',
      withChange('kind: not_null', 'kind: drift\n    metric: mean\n    loads: 0'),
      /line 5, column 12: checks\.0\.loads: /,
    ],
    [
      'a condition where no row is looked at',
      withChange('kind: not_null\n    column: title', 'kind: row_count_change\n    where: is_short'),
      /^line 4, column 5: checks\.0: .*"where"$/,
    ],
    [
      'a condition that is no text',
      withChange('kind: not_null', 'kind: not_null\n    where: true'),
      /line 4, column 12: checks\.0\.where: .*string/,
    ],
    ['no check at all', 'checks: []\n', /line 1, column 9: checks: /],
    ['an empty file', '', /line 1, column 1: .*object/],
    ['text that is not YAML', withChange('kind: not_null', 'kind: [not_null'), /line \d+, column \d+/],
  ])('refuses %s with file, line, column and reason', async (_what, text, why) => {
    const path = await write(text);
    const failure = await failureOf(readChecks(path));
    expect(failure.kind).toBe('bad-input');
    expect(failure.where).toBe(path);
    expect(failure.why).toMatch(why);
  });

  test('an unquoted < is a threshold, for it means nothing to YAML', async () => {
    const [check] = await readChecks(await write(withChange('error: "> 0"', 'error: < 1')));
    expect(check?.error?.reachedBy({ count: 0, base: 0 })).toBe(true);
    expect(check?.error?.reachedBy({ count: 1, base: 1 })).toBe(false);
  });

  test('an unquoted > with the number on the next line is refused too, for its text is only the number', async () => {
    const path = await write(withChange('error: "> 0"', 'error: >\n      0'));
    expect((await failureOf(readChecks(path))).why).toMatch(
      /line 6, column 12: checks\.0\.error: "0\n" is not/,
    );
  });
});
