import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { files, root } from '../project.ts';

const python = join(files.pythonEnvironment, 'bin', 'python');
const schemas = join(root, 'test', 'data-validate', 'schemas');

/** What is wrong with the JSON document by the JSON Schema, one error a line; empty when nothing is. */
export function schemaErrors(schema: string, document: string): string {
  const program = `import json, sys, jsonschema
schema, document = json.load(sys.stdin)
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
print("\\n".join(f"{e.json_path}: {e.message}" for e in validator(schema).iter_errors(document)), end="")`;
  return execFileSync(python, ['-c', program], { input: `[${schema}, ${document}]`, encoding: 'utf8' });
}

/** What is wrong with the text as SARIF 2.1.0, by its JSON Schema; empty when nothing is. */
export function sarifErrors(text: string): string {
  return schemaErrors(readFileSync(join(schemas, 'sarif-2.1.0.json'), 'utf8'), text);
}

/** What is wrong with the text as JUnit XML, by the schema of Jenkins' xUnit plugin; empty when nothing is. */
export function junitErrors(text: string): string {
  const program = `import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
schema.validate(etree.fromstring(sys.stdin.buffer.read()))
print("\\n".join(f"line {e.line}: {e.message}" for e in schema.error_log), end="")`;
  const programArguments = ['-c', program, join(schemas, 'junit-10.xsd')];
  return execFileSync(python, programArguments, { input: text, encoding: 'utf8' });
}
