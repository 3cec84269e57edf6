import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestBed, type TestBed } from '../aws/test-bed.ts';
import { files, root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { deployTemplate, type Stack } from './deploy-template.ts';

const folder = await temporaryFolder();
const programs = join(folder, 'bin');
/** What the stand-in for `gh` was asked, a line each, and what it was given. */
const calls = join(folder, 'gh-calls');
let bed: TestBed;
let page: string;
let stack: Stack;
beforeAll(async () => {
  await mkdir(programs);
  // GitHub's own program and IMDb's server are not to be had here: what they would say, and what they are told.
  await addProgram(
    'gh',
    `echo "$*" >> '${calls}'
case "$*" in
  *owner.login*) echo 'GitHubOwner=octo-org GitHubRepository=imdb-titles GitHubOwnerId=1001 GitHubRepositoryId=2002' ;;
  *--env-file*) cat >> '${calls}' ;;
  'repo set-default --view') echo octo-org/imdb-titles ;;
  'variable list'*) printf 'AWS_REGION\\nIMDB_WAREHOUSE\\nOTHER\\n' ;;
esac`,
  );
  await addProgram('curl', 'printf "%s" "$2"');
  page = await readFile(join(root, 'docs', 'deploy.md'), 'utf8');
  bed = await startTestBed({ stateSeconds: 0.1 });
  stack = await deployTemplate(bed.endpoint, 'issuer.example');
});
afterAll(() => bed.stop());

async function addProgram(name: string, script: string): Promise<void> {
  await writeFile(join(programs, name), `#!/bin/bash\n${script}\n`);
  await chmod(join(programs, name), 0o755);
}

/** The page's commands that begin with this, or hold it. */
function blockWith(words: string): string {
  const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const [found = '', ...others] = blocks.filter((block) => block.includes(words));
  if (found === '' || others.length > 0) throw new Error(`not one block with ${words}`);
  return found;
}

/** Runs commands in the project's folder against the bed, S3 being moto's, which has versions. */
async function run(commands: string): Promise<string> {
  const { AWS_ENDPOINT_URL_S3: _, ...environment } = bed.environment;
  const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: root,
    env: {
      ...environment,
      AWS_PAGER: '',
      HOME: folder,
      PATH: [programs, join(files.pythonEnvironment, 'bin'), process.env.PATH].join(delimiter),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  if (code !== 0) throw new Error(`exit ${code}: ${errors}${output}`);
  return output;
}

const IN_OTHER = (commands: string) => commands.replaceAll('--stack-name imdb-titles', '--stack-name other');

test('the commands for the account make its roles and deploy the stack', async () => {
  await run(blockWith('create-service-linked-role'));
  await run(IN_OTHER(blockWith('cloudformation deploy')));
  const trust = await run('aws iam get-role --role-name other-load --query Role.AssumeRolePolicyDocument');
  expect(trust).toContain('"repo:octo-org@1001/imdb-titles@2002:environment:imdb-load"');
});

test('the commands for the files put the four into raw/', async () => {
  await run(blockWith('datasets.imdbws.com'));
  const listed = await run(`aws s3 ls s3://${stack.lake}/raw/`);
  expect(listed.match(/\S+$/gm)).toEqual([
    'name.basics.tsv.gz',
    'title.basics.tsv.gz',
    'title.crew.tsv.gz',
    'title.ratings.tsv.gz',
  ]);
});

test('the commands for the repository enable its issues, restrict the environments and set the variables that the page names', async () => {
  await writeFile(calls, '');
  // The clone is here already, and the shell is bash.
  await run(blockWith('gh repo fork').replace('bash\n', '').replace('cd imdb-titles', 'true'));
  await run(blockWith('deployment-branch-policies'));
  await run(blockWith('variable set'));
  const said = await readFile(calls, 'utf8');
  expect(said).toContain('repo edit --enable-issues\n');
  for (const duty of ['process', 'load', 'publish', 'validate', 'janitor']) {
    expect(said).toContain(`environments/imdb-${duty} --silent`);
    expect(said).toContain(`environments/imdb-${duty}/deployment-branch-policies --silent -f name=main`);
  }
  expect(said).toContain('variable set -R octo-org/imdb-titles --env-file -\nAWS_REGION=eu-west-1\n');
  expect(said).toContain(`\nIMDB_LAKE_BUCKET=${stack.lake}\n`);
  const table = page.slice(page.indexOf('| variable |'), page.indexOf('None of them is a secret'));
  const named = [...table.matchAll(/`((?:AWS|IMDB)_[A-Z_]+)`/g)].map(([, name = '']) => name);
  // The subnet group is there for a cluster alone.
  const set = [...Object.keys(stack.variables), 'IMDB_WAREHOUSE_SUBNET_GROUP'];
  expect(named.toSorted()).toEqual(set.toSorted());
});

test('the commands that ask the table answer, and those that take it down leave nothing beside the stack', async () => {
  const network = (
    await run(`aws cloudformation describe-stacks --stack-name imdb-titles \
      --query "Stacks[0].Outputs[?OutputKey=='Network'].OutputValue" --output text`)
  ).trim();
  // As the workflows and EMR leave it: a warehouse, and security groups that name each other.
  await run(`
    aws redshift-serverless create-namespace --namespace-name imdb --manage-admin-password --admin-username admin
    aws redshift-serverless create-workgroup --workgroup-name imdb --namespace-name imdb
    until aws redshift-serverless get-workgroup --workgroup-name imdb | grep AVAILABLE; do sleep 0.2; done
    group() { aws ec2 create-security-group --vpc-id ${network} --group-name "$1" --description x --query GroupId --output text; }
    one=$(group ElasticMapReduce-Master-Private) two=$(group ElasticMapReduce-ServiceAccess)
    aws ec2 authorize-security-group-ingress --group-id "$one" --protocol tcp --port 8443 --source-group "$two"
    aws ec2 authorize-security-group-egress --group-id "$two" --protocol tcp --port 8443 --source-group "$one"
    echo again | aws s3 cp - s3://${stack.lake}/raw/title.crew.tsv.gz`);
  // The page's question, to a warehouse that has the view.
  const ask = blockWith('imdb_titles_freshness').replaceAll('sleep 10', 'sleep 2');
  await run(`aws redshift-data execute-statement --workgroup-name imdb --database dev \
    --sql 'CREATE VIEW imdb_titles_freshness AS SELECT 7 AS run'`);
  expect(await run(ask)).toContain('"longValue": 7');
  // Three versions a page, for there are few.
  const down = blockWith('delete-stack')
    .replaceAll('sleep 15', 'sleep 0.2')
    .replaceAll('--max-keys 400', '--max-keys 3');
  // moto deletes a network before its routes, and fails, so that the stack itself stays here.
  const parts = down.split('\n\n').filter((part) => !part.includes('delete-stack'));
  await run(parts.join('\n\n'));

  const left = (command: string) => run(`aws ${command} --output text`);
  expect(await left("s3api list-buckets --query 'Buckets[].Name'")).not.toContain(stack.lake);
  const groups = `ec2 describe-security-groups --filters Name=vpc-id,Values=${network}`;
  expect(await left(`${groups} --query 'SecurityGroups[].GroupName'`)).not.toContain('ElasticMapReduce');
  expect(await left('redshift-serverless list-namespaces --query namespaces')).toBe('');
  const said = await readFile(calls, 'utf8');
  expect(said).toContain('variable delete -R octo-org/imdb-titles IMDB_WAREHOUSE\n');
  expect(said).not.toContain('variable delete OTHER');
});
