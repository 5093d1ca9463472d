/** Holds JSON against a schema as it is published, with a validator that is not ours. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** What it complains of; an empty list where the value is as published. @param name such as `gate`. */
export function schemaComplaints(name: string, value: unknown): unknown[] {
  const schema: unknown = JSON.parse(readFileSync(new URL(`../${name}.schema.json`, import.meta.url), 'utf8'));
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile(schema as object); // checked by ajv itself
  return validate(JSON.parse(JSON.stringify(value))) ? [] : (validate.errors ?? []);
}
