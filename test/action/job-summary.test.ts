import { describe, expect, test } from '@jest/globals';
import { renderJobSummary, type SummaryContent } from '../../actions/shared/src/action/job-summary.ts';
import { capBytes, escapeMarkdown, LARGEST_SUMMARY_BYTES } from '../../actions/shared/src/report/markdown.ts';

const content: SummaryContent = {
  title: 'emr-run · imdb_titles',
  outcome: 'succeeded',
  failure: null,
  seconds: 125,
  tasks: [
    { name: 'create_emr_cluster', state: 'succeeded', seconds: 65, detail: 'j-1' },
    { name: 'watch_spark_steps', state: 'skipped', seconds: 0, detail: 'not reached' },
  ],
  facts: [['rows written', '477']],
  links: [['logs', 'https://example.com/logs']],
};

describe('the summary of a step', () => {
  test('tells outcome, tasks, facts and links', () => {
    expect(renderJobSummary(content)).toBe(`## emr-run · imdb_titles: succeeded in 2 min 5 s

\`\`\`mermaid
flowchart LR
  t0["create_emr_cluster<br>succeeded · 1 min 5 s"]:::succeeded
  t1["watch_spark_steps<br>skipped"]:::skipped
  t0 --> t1
  classDef succeeded fill:#dafbe1,stroke:#1a7f37,color:#1a1a1a
  classDef failed fill:#ffebe9,stroke:#cf222e,color:#1a1a1a
  classDef skipped fill:#f6f8fa,stroke:#8c959f,color:#59636e
\`\`\`

| task | state | time |  |
| --- | --- | --- | --- |
| create_emr_cluster | succeeded | 1 min 5 s | j-1 |
| watch_spark_steps | skipped |  | not reached |

|  |  |
| --- | --- |
| rows written | 477 |

[logs](https://example.com/logs)
`);
  });

  test('shows a failure first, the log of its reason as it is', () => {
    const failure = {
      kind: 'failed-data',
      what: 'Step 1 failed',
      where: 'step s-1',
      why: 'java.lang.Exception\nat a`b\n```\nat c',
      done: 'The cluster was ended.',
      next: 'Mend it.',
    } as const;
    expect(
      renderJobSummary({ ...content, outcome: 'failed-data', failure, tasks: [], facts: [], links: [] }),
    ).toBe(`## emr-run · imdb_titles: failed-data in 2 min 5 s

> [!CAUTION]
> **Step 1 failed**  
> where: step s-1  
> why: java.lang.Exception  
> done: The cluster was ended.  
> **next: Mend it.**  

\`\`\`\`
at a\`b
\`\`\`
at c
\`\`\`\`
`);
  });

  test('stays below what GitHub takes, whatever the failure says', () => {
    const why = 'x'.repeat(80).concat('\n').repeat(30_000);
    const failure = { kind: 'failed-infra', what: 'w', where: 'w', why, done: 'd', next: 'n' } as const;
    const summary = renderJobSummary({ ...content, failure });
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(LARGEST_SUMMARY_BYTES);
    expect(summary.endsWith('x\n```\n\n_Cut: the rest is in the log._\n')).toBe(true);
  });

  test('is cut between characters', () => {
    expect(capBytes('é\n'.repeat(100), 100, 'the log')).toMatch(/^(é\n)*é\n\n_Cut/);
  });

  test.each([
    ['a | b', 'a &#124; b'],
    ['<script>&amp;', '&lt;script&gt;&amp;amp;'],
    ['**bold** `code` ~old~', '&#42;&#42;bold&#42;&#42; &#96;code&#96; &#126;old&#126;'],
    ['[link](x)', '&#91;link&#93;(x)'],
    ['@octocat fixed #1', '@\u200boctocat fixed #\u200b1'],
    ['upload_spark _it_', 'upload_spark &#95;it&#95;'],
    ['two\n lines', 'two lines'],
    ['a carriage\rreturn', 'a carriage return'],
  ])('%s is shown and does nothing', (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });
});
