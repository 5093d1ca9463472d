/** Looks up the keys of a schema. */
import { z } from 'zod';

type Schema = z.core.$ZodType;

/** The schema without its defaults and transformations. */
function unwrap(schema: Schema): Schema {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.def.innerType);
  }
  return schema;
}

/** The keys that are allowed at a path; none if it holds a value. */
export function keysAt(schema: Schema, path: readonly PropertyKey[]): string[] {
  let here = unwrap(schema);
  for (const key of path) {
    if (here instanceof z.ZodObject) {
      const inner: unknown = here.shape[String(key)];
      if (!(inner instanceof z.ZodType)) return [];
      here = unwrap(inner);
    } else if (here instanceof z.ZodArray) here = unwrap(here.element);
    else return [];
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}
