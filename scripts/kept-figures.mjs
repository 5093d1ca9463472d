// Reads and writes the files of results/reference that scripts make. Each begins with its schema version, and says in
// which environment its figures were measured: `environment` is the fingerprint of a result. A file whose parts are
// measured at different times has it in each part.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint } from '../dist/measure/fingerprint.js';

const REFERENCE = join(dirname(dirname(fileURLToPath(import.meta.url))), 'results', 'reference');
/** The version is raised when a field changes its name or meaning. */
const schemaOf = (name) => `trunkline.${name}/1`;

export const fileOf = (name) => join(REFERENCE, `${name}.json`);

/** The environment of this process, as in a result. */
export const environment = fingerprint;

/** The content of a stored file, `otherwise` if there is none. Throws if another version of the script wrote it. */
export function readKept(name, otherwise) {
  if (!existsSync(fileOf(name))) return otherwise;
  const content = JSON.parse(readFileSync(fileOf(name), 'utf8'));
  if (content.schema !== schemaOf(name)) {
    throw new Error(
      `${fileOf(name)}: expected the schema ${schemaOf(name)}, found ${content.schema}: delete the file.`,
    );
  }
  return content;
}

/** Replaces a stored file. @param layout arguments of JSON.stringify after the value; by default one line per field. */
export function writeKept(name, content, ...layout) {
  mkdirSync(REFERENCE, { recursive: true });
  const { schema: _, ...fields } = content;
  const text = JSON.stringify({ schema: schemaOf(name), ...fields }, ...(layout.length === 0 ? [null, 1] : layout));
  writeFileSync(fileOf(name), `${text}\n`);
}
