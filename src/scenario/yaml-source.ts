/**
 * YAML text written by users, such as a scenario: parsed, changed by settings from the command line and by those of
 * steps, and checked against a schema. It knows where each value comes from, so every error names its location.
 */
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { causeOf } from '../base/cause-of.ts';
import { type ErrorCode, TrunklineError } from '../base/errors.ts';
import { keysAt } from './keys-at.ts';
import { nearest } from './nearest.ts';

/** Maximum of errors shown at once: a wrong file often has many errors of one cause. */
const COMPLAINTS_MAX = 10;
/** Choices of a key that its errors and the reference name one by one; a schema has words of its own for more. */
export const CHOICES_NAMED_MAX = 20;
const FOUND_CHARACTERS_MAX = 60;
/** What zod says of a value that no alternative accepts, unless the schema has words of its own. */
const UNION_MESSAGE = 'Invalid input';

/** A step belongs to its scenario: it can neither rename it nor have steps of its own. */
const NOT_FOR_STEPS: readonly string[] = ['name', 'steps'];

export type Path = readonly PropertyKey[];

/** What a value comes from: the file itself, a step in it, or the command line. */
export type ValueSource = 'file' | 'step' | 'setting';

/** The origin of a value that is not at its own location in the file. */
interface Origin {
  /** Start of the error message. */
  readonly words: string;
  /** Whether it comes from the command line. */
  readonly isSetting: boolean;
}

interface Kind {
  /** What the text is, such as `a scenario`. */
  readonly what: string;
  /** Code of the error for an invalid text. */
  readonly code: ErrorCode;
}

export class YamlSource {
  readonly document: Document;
  readonly #file: string;
  readonly #code: ErrorCode;
  readonly #lines = new LineCounter();
  readonly #origins = new Map<string, Origin>();

  /**
   * @param file name of the file, for messages.
   * @throws `code` if the text is not YAML or has no keys.
   */
  constructor(text: string, file: string, { what, code }: Kind) {
    this.#file = file;
    this.#code = code;
    this.document = this.#readable(() =>
      parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false }),
    );
    const [error] = this.document.errors;
    if (error?.code === 'MULTIPLE_DOCS') {
      throw this.#invalid(
        `${this.#at(error.pos[0])}: expected one document, found another after ---: put it into a file of its own`,
      );
    }
    if (error !== undefined) throw this.#invalid(`${this.#at(error.pos[0])}: not YAML: ${error.message}`);
    if (this.document.contents === null) throw this.#invalid(`${file}: the file is empty; ${what} was expected`);
    if (!isMap(this.document.contents)) {
      throw this.#invalid(`${this.#at(0)}: expected keys and values, found ${describe(this.plain())}`);
    }
    this.plain();
    this.#checkUnique();
  }

  /**
   * Checks keys here, since the parser compares every key with every other, which takes minutes for fifty thousand
   * keys.
   */
  #checkUnique(): void {
    visit(this.document, {
      Map: (_, { items }) => {
        const seen = new Set<unknown>();
        for (const { key } of items) {
          if (!isScalar(key)) continue;
          if (seen.has(key.value)) {
            throw this.#invalid(`${this.#at(key.range?.[0] ?? 0)}: the key "${String(key.value)}" is there twice`);
          }
          seen.add(key.value);
        }
      },
    });
  }

  /** The whole as plain values. @throws the code of the source if aliases expand too far. */
  plain(): unknown {
    return this.#readable((): unknown => this.document.toJS());
  }

  /** Exceptions of the parser, for instance for recursive aliases or unbalanced brackets, are errors in the text. */
  #readable<Value>(read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      const cause = causeOf(error);
      throw this.#invalid(`${this.#file}: expected valid YAML, found text that cannot be parsed: ${cause}`);
    }
  }

  /** Applies one `a.b=c` from the command line. @throws SETTING_INVALID. */
  set(setting: string): void {
    const equals = setting.indexOf('=');
    const words = `--set ${setting}`;
    const key = setting.slice(0, Math.max(0, equals));
    if (equals < 1 || key.split('.').includes('')) {
      throw new TrunklineError('SETTING_INVALID', `${words}: expected key=value, such as phones.count=20k`);
    }
    this.#put(key, readValue(setting.slice(equals + 1), words), { words, isSetting: true });
  }

  /**
   * Applies the settings of a step of this file. Errors name the step and the entry.
   * @throws the code of the source if a key cannot be set.
   */
  setForStep(index: number, name: string, entries: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(entries)) {
      const words = `${this.place(['steps', index, 'set'], key)}: step "${name}"`;
      const [first = ''] = key.split('.');
      if (NOT_FOR_STEPS.includes(first)) throw this.#invalid(`${words}: a step cannot set "${key}"`);
      if (key.split('.').includes(''))
        throw this.#invalid(`${words}: expected a key such as phones.count, found "${key}"`);
      this.#put(key, value, { words, isSetting: false });
    }
  }

  /** Removes a key. */
  remove(key: string): void {
    this.document.delete(key);
  }

  /** The location of a value (or, with `key`, of a key): a setting, or file, line and column. */
  place(path: Path, key?: string): string {
    const origin = this.#origin(path, key);
    if (origin !== undefined) return origin.words;
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

  /** Whether a value (or, with `key`, a key) comes from the command line. */
  isSetting(path: Path, key?: string): boolean {
    return this.#origin(path, key)?.isSetting ?? false;
  }

  /** Where a value was set last. */
  sourceOf(path: Path): ValueSource {
    const origin = this.#origin(path);
    if (origin === undefined) return 'file';
    return origin.isSetting ? 'setting' : 'step';
  }

  found(path: Path): string {
    return describe(path.length === 0 ? this.plain() : toPlain(this.document.getIn(path)));
  }

  /** The checked value. @throws the code of the source, or SETTING_INVALID, with one error per line. */
  parse<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
    const parsed = schema.safeParse(this.plain());
    if (parsed.success) return parsed.data;
    const { issues } = parsed.error;
    const all = issues.flatMap(eachKey);
    const shown = all.slice(0, COMPLAINTS_MAX).map((issue) => complaint(this, schema, issue));
    if (all.length > shown.length) shown.push(`and ${all.length - shown.length} more`);
    const allSettings = issues.every((issue) => isAboutSetting(this, issue));
    throw new TrunklineError(allSettings ? 'SETTING_INVALID' : this.#code, shown.join('\n'));
  }

  #put(key: string, value: unknown, origin: Origin): void {
    const path = pathOf(key);
    const parents = path.slice(0, -1).map((_, i) => path.slice(0, i + 1));
    const blocked = parents.find((parent) => {
      const node = this.document.getIn(parent, true);
      return isNode(node) && isScalar(node) && node.value !== null;
    });
    if (blocked !== undefined) {
      const message = `${origin.words}: ${blocked.join('.')} is a value and has no keys inside`;
      throw origin.isSetting ? new TrunklineError('SETTING_INVALID', message) : this.#invalid(message);
    }
    this.document.setIn(path, this.document.createNode(value));
    for (const name of this.#origins.keys()) if (name.startsWith(`${key}.`)) this.#origins.delete(name);
    this.#origins.set(key, origin);
  }

  /** The origin of a value or key: of itself, of a parent or, for what is not in the file, of a child. */
  #origin(path: Path, key?: string): Origin | undefined {
    const full = key === undefined ? path : [...path, key];
    for (let length = full.length; length > 0; length--) {
      const part = full.slice(0, length);
      const origin = this.#origins.get(part.join('.')) ?? (this.#isInFile(part) ? undefined : this.#inner(part));
      if (origin !== undefined) return origin;
    }
    return undefined;
  }

  /** Whether a value is in the file, and was not created for a setting inside it. */
  #isInFile(path: Path): boolean {
    const node = this.document.getIn(path, true);
    return isNode(node) && Boolean(node.range);
  }

  /** The origin of the first setting inside a value. */
  #inner(path: Path): Origin | undefined {
    return [...this.#origins].find(([name]) => name.startsWith(`${path.join('.')}.`))?.[1];
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }

  #invalid(message: string): TrunklineError {
    return new TrunklineError(this.#code, message);
  }
}

/** Whether plain values have one at this path. */
export function isSet(plain: unknown, path: Path): boolean {
  let here = plain;
  for (const part of path) here = Object(here)[part];
  return here !== undefined;
}

/** Parses the value of a setting. @throws SETTING_INVALID, also for an alias without an anchor. */
function readValue(text: string, words: string): unknown {
  try {
    const document = parseDocument(text);
    if (document.errors.length === 0) return document.toJS();
  } catch {
    // The parser throws for aliases without an anchor and for unbalanced brackets.
  }
  throw new TrunklineError(
    'SETTING_INVALID',
    `${words}: expected a value in YAML, found text that is none: put it in quotes`,
  );
}

/** Keys below `thresholds` are names of metrics, which contain dots. */
const NAMES_WITH_DOTS = 'thresholds.';

function pathOf(key: string): (string | number)[] {
  if (key.startsWith(NAMES_WITH_DOTS)) return ['thresholds', key.slice(NAMES_WITH_DOTS.length)];
  return key.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function isAboutSetting(source: YamlSource, issue: z.core.$ZodIssue): boolean {
  if (issue.code !== 'unrecognized_keys') return source.isSetting(issue.path);
  return issue.keys.every((key) => source.isSetting(issue.path, key));
}

/** Splits an issue of several unknown keys, so that only those that are shown need their location, which takes time. */
function eachKey(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  return issue.keys.map((key) => ({ ...issue, keys: [key] }));
}

function complaint(source: YamlSource, schema: z.ZodType, issue: z.core.$ZodIssue): string {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return `${source.place(path, key)}: unknown key "${[...path, key].join('.')}"${nearest(key, keysAt(schema, path))}`;
  }
  const name = path.join('.');
  const isMissing = source.document.getIn(path) === undefined;
  if (isMissing) return `${source.place(path)}: the key "${name}" is missing; expected ${expected(issue)}`;
  const choices = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const hint = nearest(String(source.document.getIn(path)), choices);
  return `${source.place(path)}: ${name}: expected ${expected(issue)}, found ${source.found(path)}${hint}`;
}

function expected(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    if (values.length > CHOICES_NAMED_MAX) return issue.message;
    return values.length === 1 ? values.join() : `one of ${values.join(', ')}`;
  }
  if (issue.code === 'invalid_union' && issue.message === UNION_MESSAGE)
    return [...new Set(issue.errors.flatMap(alternative))].join(' or ');
  if (issue.code === 'invalid_type') return kindName(issue.expected);
  if (issue.code === 'too_big')
    return issue.origin === 'number' ? `at most ${issue.maximum}` : `at most ${issue.maximum} of them`;
  if (issue.code === 'too_small')
    return issue.origin === 'number' ? `at least ${issue.minimum}` : 'something that is not empty';
  return issue.message;
}

/** What one alternative of a union expects: the first of its issues, which may be about an item of a list. */
function alternative([issue]: readonly z.core.$ZodIssue[]): string[] {
  if (issue === undefined) return [];
  const key = issue.path.findLast((part) => typeof part === 'string');
  if (key !== undefined) return [`a list whose ${key} is ${expected(issue)}`];
  return [issue.path.length === 0 ? expected(issue) : `a list of ${expected(issue)}`];
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
  if (typeof value === 'number') return String(value); // JSON has neither infinity nor NaN
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > FOUND_CHARACTERS_MAX ? `${text.slice(0, FOUND_CHARACTERS_MAX)}…` : text;
}
