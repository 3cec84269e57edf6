import type { JSX } from 'preact';
import { DataText, Nothing, ScrollingTable, Section, ValueCell } from './elements.tsx';
import { formatCounted, formatDuration } from './format.ts';
import type { QueryReport } from './run-report.ts';

const ROWS_SHOWN = 10;

/** The example questions with their answers; nothing when none was asked. */
export function Examples({ examples }: { readonly examples: readonly QueryReport[] }): JSX.Element | null {
  if (examples.length === 0) return null;
  return (
    <Section
      id="examples"
      title="Questions the table answers"
      note={formatCounted(examples.length, 'question')}
    >
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
  const { columns, rows } = example;
  if (rows.length === 0) return <Nothing>No rows.</Nothing>;
  const numeric = columns.map((_, position) => typeof rows[0]?.[position] === 'number');
  const hidden = rows.length - ROWS_SHOWN;
  return (
    <>
      <ScrollingTable label={`Answer: ${example.question}`}>
        <thead>
          <tr>
            {columns.map((column, position) => (
              <th key={column} scope="col" class={numeric[position] ? 'number' : undefined}>
                <DataText>{column}</DataText>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS_SHOWN).map((row) => (
            <tr>
              {columns.map((column, position) => (
                <ValueCell key={column} value={row[position] ?? null} />
              ))}
            </tr>
          ))}
        </tbody>
      </ScrollingTable>
      {hidden > 0 ? <p class="more">and {formatCounted(hidden, 'more row', 'more rows')}</p> : null}
    </>
  );
}
