import type { RunIdentity } from '../../shared/src/action/run-identity.ts';

/** The value of the tag `pipeline` of everything that this action makes. */
export const PIPELINE = 'redshift-provision';

/** Tags by their keys, in whatever form AWS's services give them. */
export type Tags = Readonly<Record<string, string>>;

/** The tags of what is made. `starter` tells apart two that made something of the same name at once. */
export function tagsOf(
  { repository, runId, runAttempt }: Pick<RunIdentity, 'repository' | 'runId' | 'runAttempt'>,
  starter: string,
): Tags {
  return { pipeline: PIPELINE, repository, 'run-id': runId, 'run-attempt': runAttempt, starter };
}

/** Whether the tags are those of something that this action made for the repository. */
export function isOurs(tags: Tags, { repository }: Pick<Tags, 'repository'>): boolean {
  return tags.pipeline === PIPELINE && tags.repository === repository;
}
