import type { ComponentChildren, JSX } from 'preact';
import type { FreshnessReport, LoadReport } from '../warehouse/load-report.ts';
import { Nothing, Section, Time } from './elements.tsx';
import { formatCount, formatCounted, formatDuration, formatShare } from './format.ts';
import type { RunReport } from './run-report.ts';

/** The run in numbers: titles in the table, rows read and written, what changed, how fresh it is. */
export function Figures({ report }: { readonly report: RunReport }): JSX.Element {
  const titles = countTitles(report);
  if (titles === null && report.sources.length === 0) {
    return (
      <Section id="figures" title="In numbers">
        <Nothing>The run ended before it read or wrote any row.</Nothing>
      </Section>
    );
  }
  return (
    <Section id="figures" title="In numbers">
      <div class="figures">
        {titles === null ? null : (
          <p class="hero">
            <strong>{formatCount(titles.count)}</strong> {titles.label}
          </p>
        )}
        <Rows report={report} />
        {report.load === null ? null : <Changes load={report.load} />}
        {report.freshness === null ? null : <Freshness freshness={report.freshness} />}
      </div>
    </Section>
  );
}

/** The number a reader looks for first, and honestly where it stands. */
function countTitles({ load, freshness, lake }: RunReport): { count: number; label: string } | null {
  if (load !== null) return { count: load.rows_total, label: 'titles in the table' };
  if (freshness !== null)
    return { count: freshness.rows_total, label: 'titles in the table, left as it was' };
  if (lake !== null) return { count: lake.rows, label: 'titles written, none published' };
  return null;
}

function Rows({ report }: { readonly report: RunReport }): JSX.Element {
  const rowsIn = report.sources.reduce((sum, source) => sum + source.rows_in, 0);
  const rejected = report.rejects.total;
  return (
    <Group title="Rows">
      <Figure name="In" note={`from ${formatCounted(report.sources.length, 'file')}`}>
        {formatCount(rowsIn)}
      </Figure>
      <Figure name="Rejected" note={rejected === 0 ? '' : formatShare(rejected, rowsIn)}>
        {formatCount(rejected)}
      </Figure>
      <Figure name="Out" note={report.lake === null ? 'nothing written' : 'one for each title'}>
        {formatCount(report.lake?.rows ?? 0)}
      </Figure>
    </Group>
  );
}

function Changes({ load }: { readonly load: LoadReport }): JSX.Element {
  return (
    <Group title="Changes">
      <Figure name="New">{formatCount(load.rows_inserted)}</Figure>
      <Figure name="Changed">{formatCount(load.rows_updated)}</Figure>
      <Figure name="Removed">{formatCount(load.rows_deleted)}</Figure>
      <Figure name="Unchanged">{formatCount(load.rows_unchanged)}</Figure>
      {load.mode === 'append' ? (
        <Figure name="Stale" note="differ from the source, kept">
          {formatCount(load.rows_stale)}
        </Figure>
      ) : null}
      {load.rows_vanished > load.rows_deleted ? (
        <Figure name="Vanished" note="gone from the source, kept">
          {formatCount(load.rows_vanished - load.rows_deleted)}
        </Figure>
      ) : null}
    </Group>
  );
}

function Freshness({ freshness }: { readonly freshness: FreshnessReport }): JSX.Element {
  const seconds = (Date.parse(freshness.published_at) - Date.parse(freshness.source_date)) / 1000;
  return (
    <Group title="Freshness">
      <Figure name="Source">
        <Time iso={freshness.source_date} />
      </Figure>
      <Figure name="Published">
        <Time iso={freshness.published_at} />
      </Figure>
      {/* A file may carry a time to come: then the table is older than its source claims to be. */}
      <Figure name={seconds < 0 ? 'Source is newer by' : 'Age when published'}>
        {formatDuration(Math.abs(seconds))}
      </Figure>
    </Group>
  );
}

function Group(props: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="group">
      <h3>{props.title}</h3>
      <dl>{props.children}</dl>
    </div>
  );
}

function Figure(props: {
  readonly name: string;
  readonly note?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div>
      <dt>
        {props.name}
        {props.note ? <small> {props.note}</small> : null}
      </dt>
      <dd>{props.children}</dd>
    </div>
  );
}
