import type { JSX } from 'preact';
import type { CheckResult, CheckStatus } from '../checks/check-result.ts';
import { CHECK_WORDS, describeChecks, sortChecks } from './check-counts.ts';
import { describeMeasured, describeThresholds } from './check-words.ts';
import { DataText, Nothing, Section, Status, type Tone } from './elements.tsx';
import { formatCounted } from './format.ts';
import { isFlat, type Trend, TrendLine } from './trend-line.tsx';

const TONES: Readonly<Record<CheckStatus, Tone>> = {
  pass: 'good',
  warn: 'warning',
  error: 'bad',
  'not-run': 'quiet',
};

const LONGEST_KEY = 60;
const LONGEST_TEXT = 1000;

/**
 * The checks, what asks for action first.
 *
 * @param trends what the published loads measured, by the check's name, where it is to be drawn.
 */
export function Checks({ checks, trends = new Map() }: ChecksProps): JSX.Element {
  if (checks.length === 0) {
    return (
      <Section id="checks" title="Checks">
        <Nothing>No checks ran.</Nothing>
      </Section>
    );
  }
  return (
    <Section id="checks" title="Checks" note={describeChecks(checks)}>
      <ul class="checks">
        {sortChecks(checks).map((check) => (
          <Check key={check.name} check={check} trend={trends.get(check.name) ?? null} />
        ))}
      </ul>
    </Section>
  );
}

interface ChecksProps {
  readonly checks: readonly CheckResult[];
  readonly trends?: ReadonlyMap<string, Trend>;
}

function Check({ check, trend }: { readonly check: CheckResult; readonly trend: Trend | null }): JSX.Element {
  return (
    <li class={check.status}>
      <Status tone={TONES[check.status]} word={CHECK_WORDS[check.status]} />
      <div class="what">
        <p class="name">
          <code>
            <DataText>{check.name}</DataText>
          </code>
        </p>
        <p>
          <DataText limit={LONGEST_TEXT}>{check.description}</DataText>
          {check.status === 'not-run' ? null : <Remark reason={check.reason} />}
        </p>
        {check.status === 'not-run' ? (
          <p class="reason">
            Not run:
            <Remark reason={check.reason} />
          </p>
        ) : null}
        <SampleKeys keys={check.sample_keys} />
        {trend === null || (check.status === 'pass' && isFlat(trend)) ? null : <TrendLine trend={trend} />}
      </div>
      <p class="measured">
        <b>{describeMeasured(check)}</b>
        <span>{describeThresholds(check)}</span>
      </p>
    </li>
  );
}

function Remark({ reason }: { readonly reason: string | null }): JSX.Element | null {
  if (reason === null) return null;
  return (
    <>
      {' '}
      <DataText limit={LONGEST_TEXT}>{reason}</DataText>
    </>
  );
}

function SampleKeys({ keys }: { readonly keys: readonly string[] }): JSX.Element | null {
  if (keys.length === 0) return null;
  return (
    <p class="keys">
      <span>{keys.length === 1 ? 'For example' : `${formatCounted(keys.length, 'example')}:`}</span>{' '}
      {keys.map((key, position) => (
        <>
          {position > 0 ? ' ' : null}
          <code>
            <DataText limit={LONGEST_KEY}>{key}</DataText>
          </code>
        </>
      ))}
    </p>
  );
}
