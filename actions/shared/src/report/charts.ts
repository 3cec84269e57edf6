import type { QueryReport } from '../warehouse/query-report.ts';
import type { Chart } from './chart.ts';
import {
  captionRatings,
  captionRuntimes,
  captionTypes,
  formatMinutes,
  nameRatingStep,
} from './chart-captions.ts';
import { type Amount, readRatings, readRuntimes, readTypes } from './chart-data.ts';
import {
  AXIS_LABEL,
  BAR_LABEL,
  CATEGORY_AXIS,
  renderSvg,
  SINGLE_COLOR,
  toBars,
  VALUE_AXIS,
} from './chart-theme.ts';
import { clipText, formatCompactCount, formatCount, formatCounted } from './format.ts';
import { drawTitlesByYear } from './yearly-chart.ts';

const SMALL = { width: 330, height: 230 };
const LONGEST_LABEL = 24;

/** The charts whose query ran and returned something, in the order of the page. */
export function drawCharts(profile: readonly QueryReport[]): readonly Chart[] {
  const drawers = {
    titles_by_year_and_type: drawTitlesByYear,
    rating_distribution: drawRatings,
    titles_by_type: drawTypes,
    runtime_by_decade: drawRuntimes,
  };
  return Object.entries(drawers).flatMap(([name, draw]) => {
    const query = profile.find((candidate) => candidate.name === name);
    return (query && draw(query)) ?? [];
  });
}

/** Columns: how the ratings are distributed, in steps of half a point. */
export function drawRatings(query: QueryReport): Chart | null {
  const ratings = readRatings(query);
  if (ratings === null) return null;
  return {
    name: query.name,
    title: 'Ratings',
    caption: captionRatings(ratings),
    legend: [],
    svg: renderSvg({
      ...SMALL,
      option: {
        grid: { left: 40, right: 4, top: 12, bottom: 26 },
        xAxis: {
          ...CATEGORY_AXIS,
          data: ratings.map(({ label }) => label),
          axisLabel: {
            ...AXIS_LABEL,
            interval: (_, rating) => Number.isInteger(Number(rating)),
            formatter: (rating: string) => String(Number(rating)),
          },
        },
        yAxis: { ...VALUE_AXIS, axisLabel: { ...AXIS_LABEL, formatter: formatCompactCount } },
        series: [{ ...toColumns(ratings), barCategoryGap: '12%' }],
      },
      describe: (_, position) =>
        `${nameRatingStep(ratings[position]?.label ?? '')}: ${formatCounted(ratings[position]?.amount ?? 0, 'title')}`,
    }),
    narrowSvg: null,
  };
}

/** Horizontal bars: how many titles each type has. */
export function drawTypes(query: QueryReport): Chart | null {
  const types = readTypes(query);
  if (types === null) return null;
  return {
    name: query.name,
    title: 'Types',
    caption: captionTypes(types),
    legend: [],
    svg: renderSvg({
      ...SMALL,
      option: {
        grid: { left: 92, right: 52, top: 6, bottom: 6 },
        // The axis starts at the bottom: inverse puts the largest on top.
        yAxis: {
          ...CATEGORY_AXIS,
          inverse: true,
          axisLine: { show: false },
          data: types.map(({ label }) => clipText(label, LONGEST_LABEL)),
          axisLabel: { ...AXIS_LABEL, interval: 0, hideOverlap: false, width: 84, overflow: 'truncate' },
        },
        xAxis: { ...VALUE_AXIS, splitLine: { show: false }, axisLabel: { show: false } },
        series: [
          {
            ...toColumns(types),
            barMaxWidth: 18,
            barCategoryGap: '28%',
            label: {
              ...BAR_LABEL,
              position: 'right',
              formatter: ({ dataIndex }) => formatCount(types[dataIndex]?.amount ?? 0),
            },
          },
        ],
      },
      describe: (_, position) =>
        `${types[position]?.label}: ${formatCounted(types[position]?.amount ?? 0, 'title')}`,
    }),
    narrowSvg: null,
  };
}

/** Columns: how long the median title of each decade is. */
export function drawRuntimes(query: QueryReport): Chart | null {
  const decades = readRuntimes(query);
  if (decades === null) return null;
  return {
    name: query.name,
    title: 'Median runtime in minutes',
    caption: captionRuntimes(decades),
    legend: [],
    svg: renderSvg({
      ...SMALL,
      option: {
        grid: { left: 40, right: 4, top: 12, bottom: 26 },
        xAxis: { ...CATEGORY_AXIS, data: decades.map(({ label }) => label), axisLabel: AXIS_LABEL },
        yAxis: { ...VALUE_AXIS, axisLabel: { ...AXIS_LABEL, formatter: formatCompactCount } },
        series: [{ ...toColumns(decades), barMaxWidth: 32, barCategoryGap: '24%' }],
      },
      describe: (_, position) =>
        `${decades[position]?.label}: ${formatMinutes(decades[position]?.amount ?? 0)}`,
    }),
    narrowSvg: null,
  };
}

function toColumns(amounts: readonly Amount[]) {
  return {
    type: 'bar' as const,
    silent: true,
    itemStyle: { color: SINGLE_COLOR },
    data: toBars(amounts.map(({ amount }) => amount)),
  };
}
