import * as core from '@actions/core';
import type { Inputs } from './inputs.ts';

/**
 * Keeps the id of the role's account out of the log. GitHub drops a job's output that holds a masked value; so an
 * id that the manifest's address holds, as a bucket's name may, stays readable.
 */
export function maskAccount({ 'role-to-assume': role, manifest }: Inputs): void {
  const account = role?.split(':')[4] ?? '';
  if (account !== '' && !manifest?.includes(account)) core.setSecret(account);
}
