import type { JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { ChartFigures } from './chart-figures.tsx';
import { Checks } from './checks.tsx';
import { Nothing, Section, type Tone } from './elements.tsx';
import { Examples } from './examples.tsx';
import { Figures } from './figures.tsx';
import type { RunReport } from './run-report.ts';
import { Sources } from './sources.tsx';
import { STYLE } from './style.ts';
import { OUTCOMES, Summary } from './summary.tsx';
import { Tasks } from './tasks.tsx';

/**
 * Nothing may load and no script may run: the page is read from disks and mail attachments, and the
 * texts in it are other people's. A second wall behind the escaping.
 */
const SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** The colours of the dot in the browser's tab. An icon knows nothing of the page's own colours. */
const DOTS: Readonly<Record<Tone, string>> = {
  good: '1f8a5b',
  quiet: '7a808c',
  warning: 'b7791f',
  bad: 'c8372d',
};

/** The report as one HTML file that needs nothing else; the same report gives the same bytes. */
export function renderReport(report: RunReport): string {
  return `<!doctype html>\n${renderToString(<Page report={report} />)}\n`;
}

function Page({ report }: { readonly report: RunReport }): JSX.Element {
  const outcome = OUTCOMES[report.outcome];
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={SECURITY_POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${report.table}: ${outcome.word}`}</title>
        <link rel="icon" href={drawDot(DOTS[outcome.tone])} />
        {/* A style sheet is not escaped like text; this one has no value of the report in it. */}
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>
          <Summary report={report} />
          {hasContent(report) ? <Content report={report} /> : <NothingRan />}
          <Footer />
        </main>
      </body>
    </html>
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

function drawDot(color: string): string {
  return `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%23${color}'/%3E%3C/svg%3E`;
}
