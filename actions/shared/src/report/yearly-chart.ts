import type { QueryReport } from '../warehouse/query-report.ts';
import type { Chart } from './chart.ts';
import { captionTitlesByYear } from './chart-captions.ts';
import { OTHER_TYPES, readTitlesByYear, type YearlyTitles } from './chart-data.ts';
import { AXIS_LABEL, CATEGORY_AXIS, renderSvg, SINGLE_COLOR, toBars, VALUE_AXIS } from './chart-theme.ts';
import { formatCompactCount, formatCounted } from './format.ts';

/** Stacked columns: how many titles each year brought, by type. */
export function drawTitlesByYear(query: QueryReport): Chart | null {
  const titles = readTitlesByYear(query);
  if (titles === null) return null;
  const legend = titles.series.map(({ type }, series) => ({
    label: type,
    color: type === OTHER_TYPES ? 'var(--series-other)' : `var(--series-${series + 1})`,
  }));
  const colors = legend.map(({ color }) => color);
  return {
    name: query.name,
    title: 'Titles by year and type',
    caption: captionTitlesByYear(titles),
    legend,
    svg: drawYears(titles, colors, { width: 1040, height: 300 }),
    narrowSvg: drawYears(titles, colors, { width: 350, height: 240 }),
  };
}

function drawYears(
  { years, series }: YearlyTitles,
  colors: readonly string[],
  size: { readonly width: number; readonly height: number },
): string {
  const most = Math.max(1, Math.floor(size.width / 70));
  const step = [1, 2, 5, 10, 20, 25, 50, 100].find((every) => years.length / every <= most) ?? 100;
  return renderSvg({
    ...size,
    option: {
      grid: { left: 44, right: 4, top: 12, bottom: 26 },
      xAxis: {
        ...CATEGORY_AXIS,
        data: years.map(String),
        axisLabel: { ...AXIS_LABEL, interval: (_, year) => Number(year) % step === 0 },
      },
      yAxis: { ...VALUE_AXIS, axisLabel: { ...AXIS_LABEL, formatter: formatCompactCount } },
      series: series.map(({ titles }, position) => ({
        type: 'bar',
        stack: 'titles',
        silent: true,
        barMaxWidth: 48,
        barCategoryGap: years.length > size.width / 5 ? '10%' : '24%',
        itemStyle: { color: colors[position] ?? SINGLE_COLOR },
        data: toBars(titles),
      })),
    },
    describe: (of, position) =>
      `${years[position]}, ${series[of]?.type}: ${formatCounted(series[of]?.titles[position] ?? 0, 'title')}`,
  });
}
