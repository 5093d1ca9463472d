/**
 * Text of people in YAML, such as a scenario: read, changed by settings from the command line, and
 * checked against a schema, every complaint with its place in the file.
 */
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type ErrorCode, TrunklineError } from '../base/errors.ts';
import { nearest } from './nearest.ts';
import { keysAt } from './schema-keys.ts';

/** Complaints shown at once; a wrong file has many for one cause. */
const COMPLAINTS_MAX = 10;
const FOUND_CHARACTERS_MAX = 60;

export type Path = readonly PropertyKey[];

interface Kind {
  /** What the text should be, such as `a scenario`. */
  readonly what: string;
  /** Of the error when it is not. */
  readonly code: ErrorCode;
}

export class YamlSource {
  readonly document: Document;
  readonly #file: string;
  readonly #code: ErrorCode;
  readonly #lines = new LineCounter();
  readonly #settings = new Map<string, string>();

  /**
   * @param file how messages name the text.
   * @throws `code`, where the text is not YAML or holds no keys.
   */
  constructor(text: string, file: string, { what, code }: Kind) {
    this.#file = file;
    this.#code = code;
    this.document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const [error] = this.document.errors;
    if (error !== undefined) throw this.#invalid(`${this.#at(error.pos[0])}: not YAML: ${error.message}`);
    if (this.document.contents === null) throw this.#invalid(`${file}: the file is empty; ${what} was expected`);
    if (!isMap(this.document.contents)) {
      throw this.#invalid(`${this.#at(0)}: expected keys and values, found ${describe(this.document.toJS())}`);
    }
  }

  /** Puts in one `a.b=c`. */
  set(setting: string): void {
    const equals = setting.indexOf('=');
    const path = setting.slice(0, Math.max(0, equals)).split('.');
    if (equals < 1 || path.includes('')) {
      throw new TrunklineError('SETTING_INVALID', `--set ${setting}: expected key=value, such as phones.count=20k`);
    }
    const keys = path.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    const value = parseDocument(setting.slice(equals + 1));
    if (value.errors.length > 0) {
      throw new TrunklineError('SETTING_INVALID', `--set ${setting}: the value is not YAML`);
    }
    const parents = keys.slice(0, -1).map((_, i) => keys.slice(0, i + 1));
    const blocked = parents.find((parent) => {
      const node = this.document.getIn(parent, true);
      return isNode(node) && isScalar(node) && node.value !== null;
    });
    if (blocked !== undefined) {
      throw new TrunklineError(
        'SETTING_INVALID',
        `--set ${setting}: ${blocked.join('.')} is a value and has no keys inside`,
      );
    }
    this.document.setIn(keys, value.toJS());
    this.#settings.set(path.join('.'), setting);
  }

  /** Where a value (or, with `key`, a key) stands: a setting, or file, line and column. */
  place(path: Path, key?: string): string {
    const setting = key === undefined ? this.settingAt(path) : this.settingOfKey(path, key);
    if (setting !== undefined) return `--set ${setting}`;
    if (key !== undefined) {
      const map = path.length === 0 ? this.document.contents : this.document.getIn(path, true);
      const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
      if (isPair(pair) && isNode(pair.key) && pair.key.range) return this.#at(pair.key.range[0]);
    }
    for (let length = path.length; length >= 0; length--) {
      const some = path.slice(0, length);
      const node = length === 0 ? this.document.contents : this.document.getIn(some, true);
      if (isNode(node) && node.range) return this.#at(node.range[0]);
    }
    return this.#file;
  }

  settingAt(path: Path): string | undefined {
    for (let length = path.length; length > 0; length--) {
      const setting = this.#settings.get(path.slice(0, length).join('.'));
      if (setting !== undefined) return setting;
    }
    return undefined;
  }

  /** The setting that brought a key in, by itself or by something inside it. */
  settingOfKey(path: Path, key: string): string | undefined {
    const full = [...path, key].join('.');
    const inside = [...this.#settings].find(([name]) => name.startsWith(`${full}.`));
    return this.settingAt([...path, key]) ?? inside?.[1];
  }

  found(path: Path): string {
    return describe(path.length === 0 ? this.document.toJS() : toPlain(this.document.getIn(path)));
  }

  /** The whole, checked. @throws the source's code, or SETTING_INVALID, with every complaint in a line of its own. */
  parse<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
    const parsed = schema.safeParse(this.document.toJS());
    if (parsed.success) return parsed.data;
    const { issues } = parsed.error;
    const lines = issues.flatMap((issue) => complaint(this, schema, issue));
    const shown = lines.slice(0, COMPLAINTS_MAX);
    if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
    const allSettings = issues.every((issue) => isAboutSetting(this, issue));
    throw new TrunklineError(allSettings ? 'SETTING_INVALID' : this.#code, shown.join('\n'));
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }

  #invalid(message: string): TrunklineError {
    return new TrunklineError(this.#code, message);
  }
}

function isAboutSetting(source: YamlSource, issue: z.core.$ZodIssue): boolean {
  if (issue.code !== 'unrecognized_keys') return source.settingAt(issue.path) !== undefined;
  return issue.keys.every((key) => source.settingOfKey(issue.path, key) !== undefined);
}

function complaint(source: YamlSource, schema: z.ZodType, issue: z.core.$ZodIssue): string[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = keysAt(schema, path);
      return `${source.place(path, key)}: unknown key "${[...path, key].join('.')}"${nearest(key, known)}`;
    });
  }
  const name = path.join('.');
  const isMissing = source.document.getIn(path) === undefined;
  if (isMissing) return [`${source.place(path)}: the key "${name}" is missing; expected ${expected(issue)}`];
  return [`${source.place(path)}: ${name}: expected ${expected(issue)}, found ${source.found(path)}`];
}

function expected(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_type') return kindName(issue.expected);
  if (issue.code === 'too_big') return `at most ${issue.maximum} of them`;
  if (issue.code === 'too_small') return 'something that is not empty';
  return issue.message;
}

function kindName(kind: string): string {
  const names: Readonly<Record<string, string>> = {
    object: 'keys and values',
    record: 'keys and values',
    array: 'a list',
    string: 'text',
    boolean: 'true or false',
  };
  return names[kind] ?? kind;
}

function toPlain(value: unknown): unknown {
  return isNode(value) ? value.toJSON() : value;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > FOUND_CHARACTERS_MAX ? `${text.slice(0, FOUND_CHARACTERS_MAX)}…` : text;
}
