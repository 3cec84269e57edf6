import type { ValidationReport } from '../validation-report.ts';
import { escapeXml } from './escape-xml.ts';

const HOURS_PER_DAY = 24;
/** From two days on an age is told in days. */
const LONGEST_IN_HOURS = 2 * HOURS_PER_DAY;
/** The width of a letter of 11 pixels Verdana, about; a badge that is a little too wide does no harm. */
const LETTER = 6.6;
const PADDING = 12;

/** A freshness badge: the label at its left, the age at its right, and whether that is good. */
export interface Badge {
  readonly label: string;
  readonly message: string;
  readonly color: keyof typeof COLOURS;
}

const COLOURS = {
  brightgreen: '#2f8a3d',
  orange: '#b3600b',
  red: '#c0392b',
  lightgrey: '#6b7280',
  blue: '#2f6fb5',
} as const;

/** How old the source is, in the colour of the freshness checks, the worst of them; blue where there is none. */
export function badgeOf({ freshness, checks }: ValidationReport): Badge {
  const label = 'data freshness';
  if (freshness === null) return { label, message: 'unknown', color: 'lightgrey' };
  const states = checks.filter(({ kind }) => kind === 'freshness').map(({ status }) => status);
  const color = states.includes('error')
    ? 'red'
    : states.includes('warn') || states.includes('not-run')
      ? 'orange'
      : states.length > 0
        ? 'brightgreen'
        : 'blue';
  const hours = Math.round(freshness.hours);
  const message = hours < LONGEST_IN_HOURS ? `${hours} h` : `${Math.round(hours / HOURS_PER_DAY)} d`;
  return { label, message, color };
}

/** The badge as JSON that shields.io's endpoint badge reads (shields.io/badges/endpoint-badge). */
export function badgeEndpoint({ label, message, color }: Badge): string {
  return `${JSON.stringify({ schemaVersion: 1, label, message, color }, null, 2)}\n`;
}

/** The badge as an SVG that needs nothing else. */
export function badgeSvg({ label, message, color }: Badge): string {
  const [left, right] = [label, message].map((text) => Math.ceil(text.length * LETTER) + PADDING);
  const width = (left ?? 0) + (right ?? 0);
  const text = (x: number, content: string) => `  <text x="${x}" y="14">${escapeXml(content)}</text>`;
  const title = escapeXml(`${label}: ${message}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${title}">`,
    `  <title>${title}</title>`,
    `  <clipPath id="r"><rect width="${width}" height="20" rx="3"/></clipPath>`,
    '  <g clip-path="url(#r)">',
    `    <rect width="${left}" height="20" fill="#454a54"/>`,
    `    <rect x="${left}" width="${right}" height="20" fill="${COLOURS[color]}"/>`,
    '  </g>',
    '  <g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">',
    text((left ?? 0) / 2, label),
    text((left ?? 0) + (right ?? 0) / 2, message),
    '  </g>',
    '</svg>',
    '',
  ].join('\n');
}
