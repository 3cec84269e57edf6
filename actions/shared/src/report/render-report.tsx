import type { JSX } from 'preact';
import { ChartFigures } from './chart-figures.tsx';
import { Checks } from './checks.tsx';
import { Document, renderDocument } from './document.tsx';
import { Nothing, Section } from './elements.tsx';
import { Examples } from './examples.tsx';
import { Figures } from './figures.tsx';
import type { RunReport } from './run-report.ts';
import { Sources } from './sources.tsx';
import { OUTCOMES, Summary } from './summary.tsx';
import { Tasks } from './tasks.tsx';

/** The report as one HTML file that needs nothing else; the same report gives the same bytes. */
export function renderReport(report: RunReport): string {
  return renderDocument(<Page report={report} />);
}

function Page({ report }: { readonly report: RunReport }): JSX.Element {
  const outcome = OUTCOMES[report.outcome];
  return (
    <Document title={`${report.table}: ${outcome.word}`} tone={outcome.tone}>
      <Summary report={report} />
      {hasContent(report) ? <Content report={report} /> : <NothingRan />}
      <Footer />
    </Document>
  );
}

function Content({ report }: { readonly report: RunReport }): JSX.Element {
  return (
    <>
      <Figures report={report} />
      <Tasks report={report} />
      <Checks checks={report.checks} />
      <ChartFigures profile={report.profile} />
      <Examples examples={report.examples} />
      <Sources report={report} />
    </>
  );
}

/** A run that was refused at once would otherwise be a page of empty sections. */
function NothingRan(): JSX.Element {
  return (
    <Section id="tasks" title="What ran">
      <Nothing>Nothing: the run ended before its first task. No file was read, no row was written.</Nothing>
    </Section>
  );
}

function hasContent({
  tasks,
  sources,
  checks,
  profile,
  examples,
  lake,
  load,
  freshness,
}: RunReport): boolean {
  return (
    [tasks, sources, checks, profile, examples].some((list) => list.length > 0) ||
    [lake, load, freshness].some((part) => part !== null)
  );
}

function Footer(): JSX.Element {
  return (
    <footer>
      <p>
        Information courtesy of IMDb (<a href="https://www.imdb.com">https://www.imdb.com</a>). Used with
        permission.
      </p>
      <p>A report made from IMDb’s data is for personal, non-commercial use.</p>
    </footer>
  );
}
