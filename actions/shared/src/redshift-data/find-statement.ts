import { ListStatementsCommand, type StatementData } from '@aws-sdk/client-redshift-data';
import { type DataApi, targetMembers } from './data-api.ts';
import { patientQuestion } from './patient-call.ts';

const RUNNING = new Set(['SUBMITTED', 'PICKED', 'STARTED']);

/**
 * The caller's statements that have not ended and whose name begins so, the oldest first. All sessions of
 * the caller's role are looked through (API reference, ListStatements: RoleLevel is true by default), so
 * that a process that was started again finds what the dead one left.
 */
export async function findRunning(api: DataApi, namePrefix: string): Promise<StatementData[]> {
  const { Database, ClusterIdentifier, WorkgroupName } = targetMembers(api.target);
  const found: StatementData[] = [];
  let token: string | undefined;
  do {
    const page = await patientQuestion(api, 'ListStatements', `the statements named ${namePrefix}`, () =>
      api.client.send(
        new ListStatementsCommand({
          StatementName: namePrefix,
          // One list, for between two of them a statement may pass from one state to the next.
          Status: 'ALL',
          NextToken: token,
          Database,
          ClusterIdentifier,
          WorkgroupName,
        }),
      ),
    );
    found.push(...(page.Statements ?? []).filter(({ Status = '' }) => RUNNING.has(Status)));
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  return found.toSorted((a, b) => (a.CreatedAt?.getTime() ?? 0) - (b.CreatedAt?.getTime() ?? 0));
}
