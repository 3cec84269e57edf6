import { describe, expect, test } from '@jest/globals';
import {
  clipText,
  countDecimals,
  formatBytes,
  formatCompactCount,
  formatCount,
  formatCounted,
  formatDuration,
  formatNumber,
  formatPercentage,
  formatShare,
  formatTimestamp,
} from '../../actions/shared/src/report/format.ts';

describe('formatDuration', () => {
  test.each([
    [0, '0 s'],
    [0.0004, '1 ms'],
    [0.04, '40 ms'],
    [0.099, '99 ms'],
    [0.0999, '0.1 s'],
    [1.84, '1.8 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.7, '1 min'],
    [125, '2 min 5 s'],
    [3599.6, '1 h'],
    [3780, '1 h 3 min'],
    [86_390, '1 d'],
    [187_200, '2 d 4 h'],
    [-1, '–'],
    [Number.NaN, '–'],
  ])('%d seconds is %s', (seconds, expected) => {
    expect(formatDuration(seconds)).toBe(expected);
  });
});

describe('formatBytes', () => {
  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [9960, '10 kB'],
    [40_960, '41 kB'],
    [999_600, '1.0 MB'],
    [206_412_331, '206 MB'],
    [7_420_000_000, '7.4 GB'],
    [3_000_000_000_000_000, '3,000 TB'],
  ])('%d bytes is %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });
});

describe('counts and parts', () => {
  test('a count has thousands separators', () => {
    expect(formatCount(11_412_903)).toBe('11,412,903');
    expect(formatCompactCount(1_234_567)).toBe('1.2M');
  });

  test('a noun follows its count', () => {
    expect(formatCounted(0, 'title')).toBe('0 titles');
    expect(formatCounted(1, 'title')).toBe('1 title');
    expect(formatCounted(1200, 'title')).toBe('1,200 titles');
  });

  test.each([
    [0, '0%'],
    [0.4169, '0.42%'],
    [7.12, '7.1%'],
    [97.4, '97%'],
  ])('%d percent is %s', (percentage, expected) => {
    expect(formatPercentage(percentage)).toBe(expected);
  });

  test('a share is all of it only when it is all of it', () => {
    expect(formatShare(7, 3204)).toBe('0.22%');
    expect(formatShare(9999, 10_000)).toBe('>99%');
    expect(formatShare(5, 5)).toBe('100%');
    expect(formatShare(0, 0)).toBe('–');
  });
});

describe('values of results', () => {
  test.each([
    [2019, 0, '2019'],
    [391_022, 0, '391,022'],
    [9, 2, '9.00'],
    [7.33333, 0, '7.333'],
    [-0.5, 0, '-0.5'],
  ])('%d with %d decimals is %s', (value, decimals, expected) => {
    expect(formatNumber(value, decimals)).toBe(expected);
  });

  test('the decimals of a number are counted, at most 3', () => {
    expect([9, 9.3, 9.25, 1 / 3].map(countDecimals)).toEqual([0, 1, 2, 3]);
  });

  test('a text is clipped between characters, never within one', () => {
    expect(clipText('🎬🎬🎬', 2)).toBe('🎬🎬…');
    expect(clipText('🎬🎬', 2)).toBe('🎬🎬');
  });
});

describe('formatTimestamp', () => {
  test('is in UTC with 24 hours, wherever it runs', () => {
    expect(formatTimestamp('2026-11-23T00:04:00+02:00')).toBe('Nov 22, 2026, 22:04 UTC');
    expect(formatTimestamp('2026-11-23T00:04:00Z')).toBe('Nov 23, 2026, 00:04 UTC');
  });

  test('shows what is no time as it is', () => {
    expect(formatTimestamp('yesterday')).toBe('yesterday');
  });
});
