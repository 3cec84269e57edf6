import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readContract } from '../actions/shared/src/contract/contract.ts';
import { contractTable } from '../actions/shared/src/contract/contract-table.ts';
import { projectFiles } from '../cli/project-files.ts';
import { replaceGenerated } from './replace-generated.ts';

// Writes into the README what is derived from the contract.
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const readme = join(root, 'README.md');
const table = contractTable(await readContract(projectFiles(root).contract));
await writeFile(readme, replaceGenerated(await readFile(readme, 'utf8'), 'contract', table));
