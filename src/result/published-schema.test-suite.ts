/** Holds JSON against a schema as it is published, with a validator that is not ours. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** A schema as it is published. @param name such as `gate`. */
export function readPublishedSchema(name: string): object {
  const schema: unknown = JSON.parse(readFileSync(new URL(`../${name}.schema.json`, import.meta.url), 'utf8'));
  return schema as object; // checked by ajv itself
}

/** A function that returns what the validator complains of; an empty list where a value is as published. */
export function publishedValidator(schema: object): (value: unknown) => unknown[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []));
}

/** What it complains of; an empty list where the value is as published. @param name such as `gate`. */
export function schemaComplaints(name: string, value: unknown): unknown[] {
  return publishedValidator(readPublishedSchema(name))(JSON.parse(JSON.stringify(value)));
}
