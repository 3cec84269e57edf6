import type { JSX } from 'preact';
import { DataText, ScrollingTable, Section } from '../../../shared/src/report/elements.tsx';
import { formatCount, formatShare } from '../../../shared/src/report/format.ts';
import type { ValidationReport } from '../validation-report.ts';

type Difference = NonNullable<ValidationReport['difference']>;

const LONGEST_KEY = 60;

/** How the table differs from the last load: rows by fate with samples, and the columns that changed. */
export function DifferenceSection({ difference }: { readonly difference: Difference }): JSX.Element {
  const { against, added, removed, changed, unchanged, columns } = difference;
  const fates = Object.entries({ Added: added, Removed: removed, Changed: changed });
  const changedColumns = columns
    .filter(({ rows }) => rows > 0)
    .toSorted((one, other) => other.rows - one.rows);
  const isLive = against === 'live-table';
  return (
    <Section
      id="difference"
      title="Difference to the last load"
      note={isLive ? 'against the live table' : 'as the load itself told'}
    >
      <ScrollingTable label="Rows added, removed and changed">
        <thead>
          <tr>
            <th scope="col" />
            <th scope="col" class="number">
              Rows
            </th>
            {isLive ? <th scope="col">For example</th> : null}
          </tr>
        </thead>
        <tbody>
          {fates.map(([fate, { rows, sample_keys }]) => (
            <tr key={fate}>
              <td>{fate}</td>
              <td class="number">{formatCount(rows)}</td>
              {isLive ? (
                <td>
                  <Keys keys={sample_keys} />
                </td>
              ) : null}
            </tr>
          ))}
          <tr>
            <td>Unchanged</td>
            <td class="number">{formatCount(unchanged)}</td>
            {isLive ? <td /> : null}
          </tr>
        </tbody>
      </ScrollingTable>
      {changedColumns.length === 0 ? null : (
        <>
          <h3>Changed columns</h3>
          <ScrollingTable label="Changed columns">
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col" class="number">
                  Rows
                </th>
                <th scope="col" class="number">
                  Of the changed
                </th>
              </tr>
            </thead>
            <tbody>
              {changedColumns.map(({ column, rows }) => (
                <tr key={column}>
                  <td>
                    <code>
                      <DataText>{column}</DataText>
                    </code>
                  </td>
                  <td class="number">{formatCount(rows)}</td>
                  <td class="number">{formatShare(rows, changed.rows)}</td>
                </tr>
              ))}
            </tbody>
          </ScrollingTable>
        </>
      )}
    </Section>
  );
}

const KEYS_SHOWN = 5;

function Keys({ keys }: { readonly keys: readonly string[] }): JSX.Element {
  return (
    <span class="keys">
      {keys.slice(0, KEYS_SHOWN).map((key, position) => (
        <>
          {position > 0 ? ' ' : null}
          <code>
            <DataText limit={LONGEST_KEY}>{key}</DataText>
          </code>
        </>
      ))}
    </span>
  );
}
