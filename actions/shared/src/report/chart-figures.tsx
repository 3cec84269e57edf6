import type { JSX } from 'preact';
import type { QueryReport } from '../warehouse/query-report.ts';
import type { Chart } from './chart.ts';
import { drawCharts } from './charts.ts';
import { DataText, Section } from './elements.tsx';

/** The charts of the published table; nothing when there is none to draw. */
export function ChartFigures({ profile }: { readonly profile: readonly QueryReport[] }): JSX.Element | null {
  const charts = drawCharts(profile);
  if (charts.length === 0) return null;
  return (
    <Section id="charts" title="The table at a glance">
      <div class="charts">
        {charts.map((chart) => (
          <ChartFigure key={chart.name} chart={chart} />
        ))}
      </div>
    </Section>
  );
}

function ChartFigure({ chart }: { readonly chart: Chart }): JSX.Element {
  return (
    <figure class={chart.narrowSvg === null ? undefined : 'full'}>
      <h3>{chart.title}</h3>
      <Legend chart={chart} />
      {/* ECharts has escaped the markup it made; for a screen reader it is one image, not its parts. */}
      <div role="img" aria-label={`${chart.title}. ${chart.caption}`}>
        <div
          class={chart.narrowSvg === null ? undefined : 'wide'}
          dangerouslySetInnerHTML={{ __html: chart.svg }}
        />
        {chart.narrowSvg === null ? null : (
          <div class="narrow" dangerouslySetInnerHTML={{ __html: chart.narrowSvg }} />
        )}
      </div>
      <figcaption>
        <bdi>{chart.caption}</bdi>
      </figcaption>
    </figure>
  );
}

function Legend({ chart }: { readonly chart: Chart }): JSX.Element | null {
  if (chart.legend.length === 0) return null;
  return (
    <ul class="legend">
      {chart.legend.map(({ label, color }) => (
        <li key={label}>
          <i style={{ background: color }} />
          <DataText>{label}</DataText>
        </li>
      ))}
    </ul>
  );
}
