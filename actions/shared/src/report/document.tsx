import type { ComponentChildren, JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Tone } from './elements.tsx';
import { STYLE } from './style.ts';

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

/** The page as one HTML file that needs nothing else; the same page gives the same bytes. */
export function renderDocument(page: JSX.Element): string {
  return `<!doctype html>\n${renderToString(page)}\n`;
}

/** A page of its own: the head that all reports share, and the content in one column. */
export function Document(props: {
  readonly title: string;
  /** The colour of the dot in the browser's tab. */
  readonly tone: Tone;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={SECURITY_POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{props.title}</title>
        <link rel="icon" href={drawDot(DOTS[props.tone])} />
        {/* A style sheet is not escaped like text; this one has no value of the report in it. */}
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>{props.children}</main>
      </body>
    </html>
  );
}

function drawDot(color: string): string {
  return `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%23${color}'/%3E%3C/svg%3E`;
}
