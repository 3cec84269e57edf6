import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { actionNames } from '../actions/bundle.ts';
import { readContract } from '../actions/shared/src/contract/contract.ts';
import { contractTable } from '../actions/shared/src/contract/contract-table.ts';
import { projectFiles } from '../cli/project-files.ts';
import { actionReference } from './action-reference.ts';
import { accessSchema, checksSchema, validationSchema } from './file-schemas.ts';
import { replaceGenerated } from './replace-generated.ts';

// Writes what is derived: into the READMEs the contract's table and each action's inputs and outputs, and
// beside the files of checks and access rights, and beside data-validate, their JSON Schemas.
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
await update(join(root, 'README.md'), {
  contract: contractTable(await readContract(projectFiles(root).contract)),
});
await writeFile(join(root, 'sql', 'checks.schema.json'), checksSchema());
await writeFile(join(root, 'sql', 'access.schema.json'), accessSchema());
await writeFile(join(root, 'actions', 'data-validate', 'report.schema.json'), validationSchema());
for (const name of actionNames()) {
  const folder = join(root, 'actions', name);
  await update(join(folder, 'README.md'), { ...(await actionReference(folder)) });
}

async function update(readme: string, parts: Readonly<Record<string, string>>): Promise<void> {
  const text = await readFile(readme, 'utf8');
  await writeFile(
    readme,
    Object.entries(parts).reduce((document, [name, part]) => replaceGenerated(document, name, part), text),
  );
}
