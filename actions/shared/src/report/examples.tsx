import type { JSX } from 'preact';
import type { SqlValue } from '../duckdb.ts';
import type { QueryReport } from '../warehouse/query-report.ts';
import { DataText, Nothing, ScrollingTable, Section } from './elements.tsx';
import { countDecimals, formatCounted, formatDuration, formatNumber, NOTHING } from './format.ts';

const ROWS_SHOWN = 10;

/** The example questions with their answers; nothing when none was asked. */
export function Examples({ examples }: { readonly examples: readonly QueryReport[] }): JSX.Element | null {
  if (examples.length === 0) return null;
  return (
    <Section id="examples" title="Questions the table answers">
      {examples.map((example) => (
        <Example key={example.name} example={example} />
      ))}
    </Section>
  );
}

function Example({ example }: { readonly example: QueryReport }): JSX.Element {
  return (
    <article class="example">
      <h3>
        <DataText>{example.question}</DataText>
      </h3>
      <Answer example={example} />
      <details>
        <summary>
          SQL, answered in {formatDuration(example.seconds)}: <code>{example.name}</code>
        </summary>
        <pre>
          <code>
            <bdi>{example.sql.trim()}</bdi>
          </code>
        </pre>
      </details>
    </article>
  );
}

function Answer({ example }: { readonly example: QueryReport }): JSX.Element {
  if (example.rows.length === 0) return <Nothing>No rows.</Nothing>;
  const rows = example.rows.slice(0, ROWS_SHOWN);
  const columns = example.columns.map((name, position) => describeColumn(name, position, rows));
  const hidden = example.rows.length - rows.length;
  return (
    <>
      <ScrollingTable label={`Answer: ${example.question}`}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" class={column.decimals === null ? undefined : 'number'}>
                <DataText>{column.name}</DataText>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {columns.map((column) => (
                <Cell value={row[column.position] ?? null} column={column} />
              ))}
            </tr>
          ))}
        </tbody>
      </ScrollingTable>
      {hidden > 0 ? <p class="more">and {formatCounted(hidden, 'more row')}</p> : null}
    </>
  );
}

interface Column {
  readonly name: string;
  readonly position: number;
  /** How many decimals its numbers are shown with, so that they align; null where it holds others. */
  readonly decimals: number | null;
}

function describeColumn(name: string, position: number, rows: QueryReport['rows']): Column {
  const values = rows.map((row) => row[position] ?? null).filter((value) => value !== null);
  const numbers = values.filter((value) => typeof value === 'number');
  const numeric = numbers.length > 0 && numbers.length === values.length;
  return { name, position, decimals: numeric ? Math.max(...numbers.map(countDecimals)) : null };
}

function Cell({ value, column }: { readonly value: SqlValue; readonly column: Column }): JSX.Element {
  const numeric = column.decimals === null ? undefined : 'number';
  if (value === null) {
    return (
      <td class={numeric}>
        <span class="null" title="null">
          {NOTHING}
        </span>
      </td>
    );
  }
  if (typeof value === 'number') return <td class={numeric}>{formatNumber(value, column.decimals ?? 0)}</td>;
  return (
    <td>
      <DataText>{String(value)}</DataText>
    </td>
  );
}
