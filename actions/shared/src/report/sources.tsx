import type { JSX } from 'preact';
import type { Reject } from '../lake/manifest.ts';
import { DataText, Nothing, ScrollingTable, Section, Time } from './elements.tsx';
import { formatBytes, formatCount, formatCounted } from './format.ts';
import type { RunReport } from './run-report.ts';

const REJECTS_SHOWN = 20;
const FILES_SHOWN = 20;

const REASONS: Readonly<Record<Reject['reason'], string>> = {
  wrong_field_count: 'wrong number of fields',
  repeated_header: 'the header, repeated',
  control_character: 'a control character',
  invalid_utf8: 'not valid UTF-8',
};

/** Where the rows came from, which were refused, and the files that were written. */
export function Sources({ report }: { readonly report: RunReport }): JSX.Element {
  return (
    <Section id="sources" title="Files">
      <SourceFiles sources={report.sources} />
      <Rejects rejects={report.rejects} />
      <LakeFiles lake={report.lake} />
    </Section>
  );
}

function SourceFiles({ sources }: Pick<RunReport, 'sources'>): JSX.Element {
  if (sources.length === 0) return <Nothing>No source file was read.</Nothing>;
  return (
    <>
      <h3>Sources</h3>
      <ScrollingTable label="Source files">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Modified</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col" class="number">
              Rows in
            </th>
            <th scope="col" class="number">
              Rejected
            </th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <tr key={source.dataset}>
              <td>
                <b>
                  <DataText>{source.dataset}</DataText>
                </b>
                <br />
                <small>
                  <DataText>{source.path}</DataText>
                </small>
              </td>
              <td>
                <Time iso={source.modified} />
              </td>
              <td class="number">{formatBytes(source.bytes)}</td>
              <td class="number">{formatCount(source.rows_in)}</td>
              <td class="number">{formatCount(source.rows_rejected)}</td>
            </tr>
          ))}
        </tbody>
      </ScrollingTable>
    </>
  );
}

function Rejects({ rejects }: Pick<RunReport, 'rejects'>): JSX.Element | null {
  if (rejects.total === 0) return null;
  const shown = rejects.first.slice(0, REJECTS_SHOWN);
  return (
    <>
      <h3>
        Rejected <span class="note">{describeShown(shown.length, rejects.total, 'row')}</span>
      </h3>
      {shown.length === 0 ? null : <RejectTable rejects={shown} />}
    </>
  );
}

/** The record's own text is left out: it is what the pipeline refused to let in. */
function RejectTable({ rejects }: { readonly rejects: readonly Reject[] }): JSX.Element {
  return (
    <ScrollingTable label="Rejected rows">
      <thead>
        <tr>
          <th scope="col">Dataset</th>
          <th scope="col" class="number">
            Line
          </th>
          <th scope="col">Reason</th>
          <th scope="col" class="number">
            Fields
          </th>
        </tr>
      </thead>
      <tbody>
        {rejects.map((reject) => (
          <tr>
            <td>
              <DataText>{reject.dataset}</DataText>
            </td>
            <td class="number">{formatCount(reject.line)}</td>
            <td>{REASONS[reject.reason]}</td>
            <td class="number">{formatCount(reject.fields)}</td>
          </tr>
        ))}
      </tbody>
    </ScrollingTable>
  );
}

function LakeFiles({ lake }: Pick<RunReport, 'lake'>): JSX.Element {
  if (lake === null) return <Nothing>No Parquet file was written.</Nothing>;
  const shown = lake.files.slice(0, FILES_SHOWN);
  return (
    <>
      <h3>
        Written <span class="note">{describeShown(shown.length, lake.files.length, 'Parquet file')}</span>
      </h3>
      <p class="path">
        <code>
          <DataText>{lake.path}</DataText>
        </code>
      </p>
      <ScrollingTable label="Parquet files written">
        <thead>
          <tr>
            <th scope="col">Parquet file</th>
            <th scope="col" class="number">
              Rows
            </th>
            <th scope="col" class="number">
              Size
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((file) => (
            <tr key={file.path}>
              <td>
                <DataText>{file.path}</DataText>
              </td>
              <td class="number">{formatCount(file.rows)}</td>
              <td class="number">{formatBytes(file.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </ScrollingTable>
    </>
  );
}

function describeShown(shown: number, total: number, noun: string): string {
  const all = formatCounted(total, noun);
  return shown === total ? all : `the first ${formatCount(shown)} of ${all}`;
}
