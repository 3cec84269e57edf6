import { BarChart, type BarSeriesOption } from 'echarts/charts';
import { GridComponent, type GridComponentOption } from 'echarts/components';
import { type ComposeOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, GridComponent, SVGRenderer]);

/** What the charts of the report are made of. */
export type ChartOption = ComposeOption<BarSeriesOption | GridComponentOption>;

// Colours are the page's custom properties, so that a chart follows its light and its dark scheme.
const INK = 'var(--ink)';
const MUTED = 'var(--muted)';
const RULE = 'var(--rule)';
const FONT_SIZE = 12;

/** The colour of the charts that show one amount only. */
export const SINGLE_COLOR = 'var(--series-1)';

/** How an axis looks that names what its bars are. */
export const CATEGORY_AXIS = {
  type: 'category',
  silent: true,
  axisLine: { lineStyle: { color: RULE } },
  axisTick: { show: false },
} as const;

/** How an axis looks that measures. */
export const VALUE_AXIS = {
  type: 'value',
  silent: true,
  // Titles and minutes are counted in whole numbers: an axis of 0, 0.5, 1 would be nonsense.
  minInterval: 1,
  splitNumber: 4,
  splitLine: { lineStyle: { color: RULE } },
  axisLine: { show: false },
} as const;

/** How the text at an axis looks. */
export const AXIS_LABEL = { color: MUTED, fontSize: FONT_SIZE, hideOverlap: true } as const;

/** How the text at a bar looks. */
export const BAR_LABEL = { show: true, color: INK, fontSize: FONT_SIZE, distance: 6 } as const;

/** What a drawing is made from; `describe` tells one bar in words, shown when a pointer rests on it. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly option: ChartOption;
  readonly describe: (series: number, position: number) => string;
}

/** The chart as SVG markup that is the same every time it is drawn. */
export function renderSvg({ width, height, option, describe }: Drawing): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'inherit' }, ...option });
    return tidySvg(chart.renderToSVGString(), describe);
  } finally {
    chart.dispose();
  }
}

/**
 * ECharts numbers its charts through the life of the process and writes the number into class names
 * and a style sheet for hovering. Both go, or the second report would differ from the first.
 */
function tidySvg(svg: string, describe: Drawing['describe']): string {
  return svg
    .replace(/<style\b.*?<\/style>/s, '')
    .replace(/ class="zr\d+-cls-\d+"/g, '')
    .replace(
      / ecmeta_series_index="(\d+)" ecmeta_data_index="(\d+)" ecmeta_ssr_type="chart" ecmeta_silent="true"><\/path>/g,
      (_, series, position) =>
        ` class="mark"><title>${escapeText(describe(Number(series), Number(position)))}</title></path>`,
    )
    .replaceAll('\n', '');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A bar's length, or nothing to draw: a bar of length 0 is no mark. */
export function toBars(amounts: readonly number[]): (number | null)[] {
  return amounts.map((amount) => (amount === 0 ? null : amount));
}
