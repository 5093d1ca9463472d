/** Files that are part of the package and are found by name: scenarios, rules of gates, ladders. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, TrunklineError } from '../../base/errors.ts';
import { asSentence, nearest } from '../../scenario/nearest.ts';
import { readText } from './read-text.ts';

export interface NamedText {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly text: string;
}

interface Kind {
  /** Kind of the file, for messages, such as `scenario`. */
  readonly what: string;
  /** Folder below the root of the package. */
  readonly folder: string;
  readonly unknown: ErrorCode;
  readonly unreadable: ErrorCode;
}

export const SCENARIOS: Kind = {
  what: 'scenario',
  folder: 'scenarios',
  unknown: 'SCENARIO_UNKNOWN',
  unreadable: 'SCENARIO_UNREADABLE',
};
export const GATES: Kind = {
  what: 'file of gate rules',
  folder: 'gates',
  unknown: 'GATE_RULES_INVALID',
  unreadable: 'GATE_RULES_INVALID',
};
export const LADDERS: Kind = {
  what: 'ladder',
  folder: 'scenarios/ladders',
  unknown: 'LADDER_INVALID',
  unreadable: 'LADDER_INVALID',
};

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ENDING = '.yaml';

/** Names of the shipped files of a kind. */
export function shippedNames({ folder }: Kind): string[] {
  return readdirSync(`${ROOT}${folder}`)
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length));
}

/**
 * @param nameOrPath a name contains neither a dot nor a slash.
 * @throws the codes of the kind.
 */
export function findText(kind: Kind, nameOrPath: string): NamedText {
  const names = shippedNames(kind);
  if (names.includes(nameOrPath)) {
    const file = `${kind.folder}/${nameOrPath}${ENDING}`;
    return { file, text: read(kind, `${ROOT}${file}`, file) };
  }
  if (/[./\\]/.test(nameOrPath)) return { file: nameOrPath, text: read(kind, nameOrPath, nameOrPath) };
  throw new TrunklineError(
    kind.unknown,
    `${asSentence(`There is no ${kind.what} "${nameOrPath}"${nearest(nameOrPath, names)}`)} Shipped: ${names.join(', ')}; or give the path of a YAML file.`,
  );
}

function read({ unreadable }: Kind, path: string, file: string): string {
  return readText(path, unreadable, `${file}: expected a YAML file that can be read`);
}
