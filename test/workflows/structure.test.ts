import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from '../project.ts';

const FOLDER = join(root, '.github', 'workflows');
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const needs = z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]);
const step = z.looseObject({
  id: z.string().optional(),
  if: text.optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), text).default({}),
});
const job = z.looseObject({
  needs,
  uses: z.string().optional(),
  with: z.record(z.string(), text).default({}),
  if: text.optional(),
  environment: z.string().optional(),
  permissions: z.record(z.string(), z.string()).optional(),
  'timeout-minutes': z.number().optional(),
  outputs: z.record(z.string(), z.string()).default({}),
  steps: z.array(step).default([]),
});
const input = z.looseObject({
  description: z.string(),
  type: z.string(),
  default: text,
  required: z.boolean().optional(),
});
const inputs = z.record(z.string(), input).default({});
const concurrency = z.object({ group: z.string(), 'cancel-in-progress': z.union([z.boolean(), z.string()]) });
const schedule = z.array(z.object({ cron: z.string(), timezone: z.string() }));
const workflow = z.looseObject({
  concurrency: concurrency.optional(),
  on: z.looseObject({
    schedule: schedule.default([]),
    workflow_call: z
      .looseObject({
        inputs,
        outputs: z.record(z.string(), z.looseObject({ value: z.string() })).default({}),
      })
      .optional(),
    workflow_dispatch: z.looseObject({ inputs }).nullish(),
  }),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), job),
});
const action = z.object({
  inputs: z.record(z.string(), z.looseObject({ default: text.optional() })),
  outputs: z.record(z.string(), z.unknown()).default({}),
});
type Workflow = z.infer<typeof workflow>;
type Job = z.infer<typeof job>;

const files = await readdir(FOLDER);
const texts = new Map<string, string>();
const workflows = new Map<string, Workflow>();
for (const file of files) {
  const content = await readFile(join(FOLDER, file), 'utf8');
  texts.set(file, content);
  workflows.set(file, workflow.parse(parse(content)));
}
const actions = new Map<string, z.infer<typeof action>>();
for (const parent of ['actions', join('.github', 'actions')]) {
  for (const entry of await readdir(join(root, parent))) {
    const file = join(root, parent, entry, 'action.yml');
    const content = await readFile(file, 'utf8').catch(() => null);
    if (content !== null) actions.set(entry, action.parse(parse(content)));
  }
}
const jobs = [...workflows].flatMap(([file, { jobs: ones }]) =>
  Object.entries(ones).map(([name, one]) => [`${file} ${name}`, file, one] as const),
);
const steps = jobs.flatMap(([name, file, one]) =>
  one.steps.map((each, index) => [`${name} step ${index + 1}`, file, one, each] as const),
);

function namesOf(pattern: RegExp, where: string): string[][] {
  return [...where.matchAll(pattern)].map(([, ...groups]) => groups);
}

test('all workflows of the pipeline are there', () => {
  expect(files.toSorted()).toEqual([
    'ci.yml',
    'imdb_daily.yml',
    'imdb_dry_run.yml',
    'imdb_janitor.yml',
    'imdb_process_data.yml',
    'imdb_to_redshift.yml',
    'release.yml',
  ]);
});

test.each([...texts])(
  '%s pins each action of others by its commit and tells the version',
  (_file, content) => {
    const used = content.split('\n').filter((one) => /\buses:/.test(one));
    const foreign = used.filter((one) => !/uses: \.\//.test(one));
    for (const one of foreign) expect(one).toMatch(/uses: [\w-]+(\/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  },
);

test('an action of others is of one commit everywhere', () => {
  const pins = new Map<string, Set<string>>();
  for (const content of texts.values()) {
    for (const [name = '', pin = ''] of namesOf(/uses: ([\w-]+\/[\w-]+)\S*@(.+)/g, content))
      pins.set(name, (pins.get(name) ?? new Set()).add(pin));
  }
  for (const [name, found] of pins) expect([name, [...found]]).toEqual([name, [...found].slice(0, 1)]);
});

test.each([...workflows])('%s has no rights but those of its jobs', (_file, { permissions }) => {
  expect(permissions).toEqual({});
});

/** Whose role a job takes, by its environment. */
const DUTIES = new Map([
  ['imdb-process', 'PROCESS'],
  ['imdb-load', 'LOAD'],
  ['imdb-publish', 'LOAD'],
  ['imdb-validate', 'VALIDATE'],
  ['imdb-janitor', 'JANITOR'],
]);

// Reviewers agree to each job of an environment: to one load they shall say one yes.
test('publishing has an environment for itself', () => {
  const publishing = jobs.filter(([, , { environment }]) => environment === 'imdb-publish');
  expect(publishing.map(([name]) => name)).toEqual(['imdb_to_redshift.yml publish_imdb_titles']);
});

describe.each(jobs)('%s', (_name, file, one) => {
  test('has rights of its own', () => {
    expect(one.permissions).toBeDefined();
  });

  test('ends by itself', () => {
    const ownLimits = one.steps.map((each) => Number(each.with['timeout-minutes'] ?? '0') || 0);
    const limit = one['timeout-minutes'] ?? 0;
    const isCalling = one.uses !== undefined;
    expect(isCalling || limit > Math.max(0, ...ownLimits)).toBe(true);
  });

  test('takes the role of its environment alone, and the dry run none', () => {
    const roles = one.steps.flatMap(({ with: given }) => given['role-to-assume'] ?? []);
    const duty = one.environment === undefined ? undefined : DUTIES.get(one.environment);
    expect([...new Set(roles)]).toEqual(duty === undefined ? [] : [`\${{ vars.IMDB_${duty}_ROLE }}`]);
    const mayAsk = one.permissions?.['id-token'] === 'write' && one.uses === undefined;
    expect([mayAsk, file === 'imdb_dry_run.yml' && mayAsk]).toEqual([duty !== undefined, false]);
  });

  test('uses outputs that the jobs before it have', () => {
    const whole = JSON.stringify(one);
    for (const [before = '', output = ''] of namesOf(/needs\.([\w-]+)\.outputs\.([\w-]+)/g, whole)) {
      expect(one.needs).toContain(before);
      expect(outputsOf(file, before)).toContain(output);
    }
    for (const [id = '', output = ''] of namesOf(/steps\.([\w-]+)\.outputs\.([\w-]+)/g, whole)) {
      const source = one.steps.find((each) => each.id === id);
      expect(source).toBeDefined();
      // What a program text sets is not written down anywhere.
      const own = actions.get(basename(source?.uses ?? ''));
      expect(own === undefined ? [output] : Object.keys(own.outputs)).toContain(output);
    }
  });
});

/** The outputs of a job; of one that calls a workflow, that workflow's. */
function outputsOf(file: string, name: string): readonly string[] {
  const one: Job | undefined = workflows.get(file)?.jobs[name];
  if (one?.uses === undefined) return Object.keys(one?.outputs ?? {});
  return Object.keys(workflows.get(basename(one.uses))?.on.workflow_call?.outputs ?? {});
}

const ours = steps.filter(([, , , { uses }]) => /^\.\/(\.github\/)?actions\//.test(uses ?? ''));
test.each(ours)(
  '%s gives an action of the project inputs that it has',
  (_name, _file, _job, { uses, with: given }) => {
    const known = Object.keys(actions.get(basename(uses ?? ''))?.inputs ?? {});
    expect(known).toEqual(expect.arrayContaining(Object.keys(given)));
  },
);

test.each(ours)(
  '%s gives an action what it cannot do without',
  (_name, _file, _job, { uses, with: given }) => {
    const wanted: Readonly<Record<string, readonly string[]>> = {
      'emr-run': given['mode'] === undefined ? ['script', 'manifest'] : [],
      'redshift-provision': [given['engine'] === 'duckdb' ? 'warehouse-file' : 'identifier', 'ensure'],
      'redshift-copy': [
        given['engine'] === 'duckdb' ? 'warehouse-file' : 'identifier',
        'phase',
        ...(given['phase'] === 'sweep' ? [] : ['manifest']),
      ],
      'data-validate': [given['engine'] === 'duckdb' ? 'warehouse-file' : 'identifier'],
      'run-report': ['title', 'needs'],
      'compare-runs': ['before', 'after'],
      'pause-redshift-cluster': ['identifier'],
    };
    expect(Object.keys(given)).toEqual(expect.arrayContaining([...(wanted[basename(uses ?? '')] ?? ['?'])]));
  },
);

test.each(steps)('%s runs no expression as program text', (_name, _file, _job, { run }) => {
  expect(run ?? '').not.toContain('${{');
});

// A step that runs in any case gets no signal when the run is cancelled.
test.each(steps.filter(([, , , { uses }]) => uses === './actions/emr-run'))(
  '%s is told of a cancellation',
  (_name, _file, _job, { if: condition }) => {
    expect(condition).toBeUndefined();
  },
);

test.each(steps.filter(([, , , { uses }]) => uses?.startsWith('actions/checkout@') === true))(
  '%s leaves no token behind',
  (_name, _file, _job, { with: given }) => {
    expect(given['persist-credentials']).toBe('false');
  },
);

test.each(['imdb_process_data.yml', 'imdb_to_redshift.yml'])(
  '%s has the same inputs by call and by button',
  (file) => {
    const { workflow_call: call, workflow_dispatch: button } = workflows.get(file)?.on ?? {};
    const comparable = (given: z.infer<typeof inputs> = {}) =>
      Object.fromEntries(
        Object.entries(given).map(([name, { description, default: value, type }]) => [
          name,
          { description, value, type: type === 'choice' ? 'string' : type },
        ]),
      );
    expect(Object.keys(call?.inputs ?? {})).not.toEqual([]);
    expect(comparable(button?.inputs)).toEqual(comparable(call?.inputs));
  },
);

const callers = jobs.filter(([, , { uses }]) => uses !== undefined);

test.each(callers)('%s may itself do what the workflow may that it calls', (_name, _file, one) => {
  const called = Object.values(workflows.get(basename(one.uses ?? ''))?.jobs ?? {});
  expect(called).not.toEqual([]);
  for (const { permissions = {} } of called) {
    for (const [right, level] of Object.entries(permissions))
      expect([level, 'write']).toContain(one.permissions?.[right]);
  }
});

// A workflow that waits for its own group waits for itself.
test.each(callers)('%s is not of the group of the workflow that it calls', (_name, file, one) => {
  const groupOf = (name: string) => workflows.get(name)?.concurrency?.group;
  expect(groupOf(file)).toBeDefined();
  expect(groupOf(basename(one.uses ?? ''))).not.toBe(groupOf(file));
});

test('loads are one after the other, and none is cancelled half-way', () => {
  for (const file of ['imdb_daily.yml', 'imdb_to_redshift.yml']) {
    const { group, 'cancel-in-progress': isCancelled } = workflows.get(file)?.concurrency ?? {};
    // One group for all: no branch, run or input is in its name.
    expect([group, isCancelled]).toEqual([file.replace('.yml', ''), false]);
  }
});

test.each([...workflows].flatMap(([file, { on }]) => on.schedule.map((one) => [file, one.cron] as const)))(
  '%s starts beside the full hour: %s',
  (_file, cron) => {
    expect(Number(cron.split(' ')[0]) % 2).toBe(1);
  },
);

test.each(callers)('%s gives a workflow inputs that it has', (_name, _file, one) => {
  const called = workflows.get(basename(one.uses ?? ''))?.on.workflow_call;
  expect(Object.keys(called?.inputs ?? {})).toEqual(expect.arrayContaining(Object.keys(one.with)));
});

test('a workflow that is called tells outputs that its jobs have', () => {
  for (const [file, { on, jobs: ones }] of workflows) {
    for (const { value } of Object.values(on.workflow_call?.outputs ?? {})) {
      for (const [name = '', output = ''] of namesOf(/jobs\.([\w-]+)\.outputs\.([\w-]+)/g, value)) {
        expect(Object.keys(ones)).toContain(name);
        expect(outputsOf(file, name)).toContain(output);
      }
    }
  }
});

test.each([
  ['ci.yml', 'all_green'],
  ['imdb_process_data.yml', 'report'],
  ['imdb_to_redshift.yml', 'report'],
  ['imdb_daily.yml', 'report'],
  ['imdb_dry_run.yml', 'report'],
  ['imdb_janitor.yml', 'report'],
])('in %s the job %s waits for all others', (file, last) => {
  const ones = workflows.get(file)?.jobs ?? {};
  expect(ones[last]?.needs.toSorted()).toEqual(
    Object.keys(ones)
      .filter((name) => name !== last)
      .toSorted(),
  );
  expect(ones[last]?.if).toBe('always()');
});
