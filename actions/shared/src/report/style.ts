const LIGHT = `
  --paper: #fcfbf9; --ink: #1c1e23; --soft: #454a54; --muted: #6a707b; --rule: #e6e3dd; --track: #eeebe5;
  --accent: #3b6ccb; --good: #1b7a50; --good-wash: #e6f3ec; --warning: #95590b; --warning-wash: #fbf0dc;
  --bad: #b42a22; --bad-wash: #fbe9e7; --quiet: #5f6671; --quiet-wash: #eeeff1;
  --series-1: #4c78c8; --series-2: #57b3a0; --series-3: #e2a83e; --series-4: #dd6e5d; --series-5: #9078c6;
  --series-6: #8aa84f; --series-other: #a9aeb7;`;

const DARK = `
  --paper: #131417; --ink: #eceef1; --soft: #c3c8d0; --muted: #949ba7; --rule: #2a2d33; --track: #24272d;
  --accent: #86abf2; --good: #62c896; --good-wash: #16291f; --warning: #e5b057; --warning-wash: #2d2413;
  --bad: #f38679; --bad-wash: #331a18; --quiet: #a4abb6; --quiet-wash: #25282e;
  --series-1: #6f98e6; --series-2: #5cb8a6; --series-3: #e0ab4a; --series-4: #e2796a; --series-5: #a38cd8;
  --series-6: #96b45d; --series-other: #747b87;`;

const PAGE = `
*, ::before, ::after { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
body { margin: 0; font: 16px/1.55 -apple-system, BlinkMacSystemFont, "Segoe UI", Inter, Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
main { max-width: 1088px; margin: 0 auto; padding: 72px 24px 48px; }
h1, h2, h3, p, dl, dd, ul, ol, figure, pre { margin: 0; padding: 0; font-weight: inherit; }
ul, ol { list-style: none; }
h1, h2, h3 { line-height: 1.25; font-weight: 620; text-wrap: balance; }
h2 { font-size: 22px; letter-spacing: -.012em; margin-bottom: 20px; }
h3 { font-size: 15px; }
section { margin-top: 72px; }
code { font: .875em/1.5 ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
b { font-weight: 600; }
small { font-size: 13px; color: var(--muted); }
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.note { font-size: 15px; font-weight: 400; letter-spacing: 0; color: var(--muted); margin-left: 6px; }
.nothing, .more { color: var(--muted); }
.nothing + *, .scroll + h3 { margin-top: 36px; }`;

const HEADER = `
.eyebrow { font-size: 13px; letter-spacing: .06em; text-transform: uppercase; color: var(--muted); }
.headline { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 18px; margin-top: 6px; }
h1 { font-size: clamp(32px, 5vw, 46px); letter-spacing: -.028em; line-height: 1.1; min-width: 0; }
.lead { font-size: clamp(18px, 2.3vw, 22px); line-height: 1.45; color: var(--soft); margin-top: 18px; max-width: 46em; text-wrap: balance; }
.status { display: inline-flex; gap: .45em; align-items: baseline; white-space: nowrap; font-size: 13px; font-weight: 600; }
.status.good { color: var(--good); } .status.warning { color: var(--warning); }
.status.bad { color: var(--bad); } .status.quiet { color: var(--quiet); }
.headline .status { font-size: 15px; padding: 4px 13px 5px; border-radius: 99px; background: var(--quiet-wash); }
.headline .good { background: var(--good-wash); } .headline .bad { background: var(--bad-wash); }
.facts { display: flex; flex-wrap: wrap; gap: 16px 40px; margin-top: 32px; padding-top: 18px; border-top: 1px solid var(--rule); }
.facts > div { min-width: 0; }
.facts dt { font-size: 13px; color: var(--muted); }
.facts dd { font-size: 15px; }
.failure { margin-top: 36px; padding: 24px 28px 26px; border-radius: 10px; background: var(--bad-wash); border-left: 4px solid var(--bad); }
.failure h2 { font-size: 20px; margin-bottom: 16px; }
.failure dl { display: grid; grid-template-columns: 4.5em minmax(0, 1fr); gap: 8px 12px; }
.failure dt { font-size: 14px; line-height: 1.7; color: var(--bad); font-weight: 600; }
.failure dd { white-space: pre-wrap; }
.failure .next { font-weight: 600; }`;

const FIGURES = `
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); gap: 36px 44px; }
@media (min-width: 960px) { .figures { grid-template-columns: .75fr 1fr .8fr 1.25fr; } }
.hero { color: var(--muted); line-height: 1.4; }
.hero strong { display: block; font-size: 60px; line-height: 1; font-weight: 600; letter-spacing: -.035em; color: var(--ink); margin: -4px 0 10px; overflow-wrap: normal; }
.group h3 { font-size: 13px; font-weight: 600; color: var(--muted); padding-bottom: 8px; border-bottom: 1px solid var(--rule); }
.group dl > div { display: flex; justify-content: space-between; align-items: baseline; gap: 16px; padding: 7px 0; border-bottom: 1px solid var(--rule); }
.group dl > div:last-child { border-bottom: 0; }
.group dt { color: var(--soft); font-size: 15px; overflow-wrap: normal; } .group dd { font-weight: 600; text-align: right; font-size: 15px; }
.group time { font-weight: 400; white-space: nowrap; }`;

const LISTS = `
.tasks li { display: grid; grid-template-columns: 7.6em minmax(0, 1fr) 6em 26%; gap: 0 20px; align-items: baseline; padding: 10px 0; border-top: 1px solid var(--rule); }
.detail { color: var(--muted); margin-left: .4em; font-size: 15px; }
.seconds { text-align: right; font-size: 15px; }
.timing { align-self: center; height: 5px; border-radius: 3px; background: var(--track); overflow: hidden; }
.timing i { display: block; height: 100%; min-width: 2px; border-radius: 3px; background: var(--series-1); }
.tasks .failed .timing i { background: var(--bad); }
.checks li { display: grid; grid-template-columns: 7.6em minmax(0, 1fr) 14em; gap: 4px 20px; align-items: baseline; padding: 13px 0; border-top: 1px solid var(--rule); }
.checks .what { font-size: 15px; color: var(--soft); }
.checks .name { color: var(--ink); }
.checks .what > p { max-width: 42em; }
.checks .error .name, .checks .warn .name { font-weight: 600; }
@media (min-width: 960px) {
  .checks .pass { padding: 9px 0; }
  .pass .what { display: grid; grid-template-columns: 17.5em minmax(0, 1fr); gap: 0 20px; align-items: baseline; }
  .pass .measured { display: flex; flex-wrap: wrap; gap: 0 14px; justify-content: flex-end; }
}
.checks .reason { margin-top: 6px; }
.keys { margin-top: 8px; color: var(--muted); font-size: 14px; line-height: 1.9; }
.keys code { display: inline-block; max-width: 100%; line-height: 1.5; padding: 2px 7px; border-radius: 5px; background: var(--track); color: var(--soft); }
.trend { display: flex; align-items: center; gap: 2px 12px; margin-top: 6px; font-size: 13px; color: var(--muted); }
.trend svg { flex: none; max-width: 100%; overflow: visible; }
.trend span { min-width: 0; }
.trend polyline { fill: none; stroke: var(--series-1); stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round; }
.trend circle { fill: var(--series-1); }
.pass .trend { grid-column: 2; }
.measured { text-align: right; font-size: 14px; color: var(--muted); }
.measured b { display: block; font-size: 15px; color: var(--ink); }
.error .measured b { color: var(--bad); } .warn .measured b { color: var(--warning); }
.not-run .measured b, .pass .measured b { font-weight: 500; }`;

const CHARTS = `
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 290px), 1fr)); gap: 48px 36px; }
.charts figure { min-width: 0; display: flex; flex-direction: column; }
.charts .full { grid-column: 1 / -1; }
.charts h3 { margin-bottom: 12px; }
.charts svg { display: block; width: 100%; height: auto; overflow: visible; }
.charts svg text { font-variant-numeric: tabular-nums; }
.charts .mark:hover { opacity: .75; }
.charts .narrow { display: none; }
figcaption { margin-top: 10px; font-size: 14px; color: var(--muted); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-bottom: 10px; font-size: 13px; color: var(--soft); }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 7px; }`;

const TABLES = `
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; line-height: 1.45; }
th { text-align: left; font-weight: 500; font-size: 13px; color: var(--muted); white-space: nowrap; }
th, td { padding: 8px 36px 8px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
/* A word longer than this is broken; below it a column is never narrower than its longest word. */
td bdi, th bdi { display: inline-block; max-width: 44ch; overflow-wrap: break-word; }
th bdi { max-width: 30ch; overflow: hidden; text-overflow: ellipsis; vertical-align: bottom; }
td time { white-space: nowrap; }
td .keys { line-height: 1.7; }
.number { text-align: right; white-space: nowrap; }
.number, .group dd, .seconds, .measured { font-variant-numeric: tabular-nums; }
.null { color: var(--muted); }
.more { font-size: 14px; margin-top: 10px; }
#sources td bdi { max-width: 72ch; }
#sources h3 { margin-bottom: 6px; }
.path { color: var(--muted); }
.example + .example { margin-top: 48px; }
.example h3 { font-size: 17px; margin-bottom: 8px; }
details { margin-top: 12px; font-size: 14px; color: var(--muted); }
summary { cursor: pointer; width: fit-content; }
pre { margin-top: 10px; padding: 16px 20px; overflow-x: auto; background: var(--track); color: var(--soft); border-radius: 8px; overflow-wrap: normal; }
footer { margin-top: 88px; padding-top: 20px; border-top: 1px solid var(--rule); font-size: 13px; color: var(--muted); }`;

const NARROW = `
@media screen and (max-width: 720px) {
  main { padding: 36px 20px 32px; }
  section { margin-top: 56px; }
  .facts { gap: 14px 28px; }
  .failure { margin-top: 28px; padding: 20px; }
  .failure dl { display: block; }
  .failure dd { margin-bottom: 10px; }
  .tasks li { grid-template-columns: minmax(0, 1fr) auto; gap: 4px 16px; padding: 14px 0; }
  .tasks .task { order: -1; grid-column: 1 / -1; }
  .tasks .timing { grid-column: 1 / -1; width: 100%; }
  .detail { display: block; margin-left: 0; }
  .checks li { grid-template-columns: minmax(0, 1fr); padding: 16px 0; }
  .measured { text-align: left; }
  .measured b { display: inline; margin-right: .7em; }
  .trend { flex-wrap: wrap; }
  .charts .wide { display: none; }
  .charts .narrow { display: block; }
  th, td { padding-right: 20px; }
  table { width: max-content; }
  td bdi, #sources td bdi { max-width: 34ch; }
}`;

const PRINT = `
@page { margin: 16mm 14mm; }
@media print {
  :root { ${LIGHT} --paper: #ffffff; }
  body { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  /* Sizes are in pixels for the screen; on paper they would be those of a children's book. */
  main { padding: 0; max-width: none; zoom: .72; }
  .scroll { overflow: visible; }
  table { font-size: 13px; }
  th, td { padding-right: 18px; }
  .charts { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 32px 24px; }
  .figures { grid-template-columns: .75fr 1fr .8fr 1.4fr; gap: 24px; }
  section { margin-top: 44px; }
  h2, h3, thead { break-after: avoid; }
  li, figure, tr, .group, .failure { break-inside: avoid; }
  details:not([open]) { display: none; }
}`;

/** The style sheet of the report: system fonts, one column, light and dark, screen and paper. */
export const STYLE = [
  `:root { color-scheme: light dark; ${LIGHT} }`,
  `@media (prefers-color-scheme: dark) { :root { ${DARK} } }`,
  PAGE,
  HEADER,
  FIGURES,
  LISTS,
  CHARTS,
  TABLES,
  NARROW,
  PRINT,
].join('\n');
