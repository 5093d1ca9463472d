/**
 * The text of a scenario with what was put into it: settings from the command line, and those of
 * one of its steps. It knows where every value came from, so that a complaint can name the place.
 */
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import { TrunklineError } from '../base/errors.ts';

export type Path = readonly PropertyKey[];

/** Where a value was put in from, if it does not stand at its own place in the file. */
interface Origin {
  /** How complaints begin. */
  readonly words: string;
  /** From the command line. */
  readonly isSetting: boolean;
}

const FOUND_CHARACTERS_MAX = 60;
/** A step is part of its scenario: it neither renames it nor has steps of its own. */
const NOT_FOR_STEPS: readonly string[] = ['name', 'steps'];

export class ScenarioSource {
  readonly document: Document;
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #origins = new Map<string, Origin>();

  constructor(text: string, file: string) {
    this.#file = file;
    this.document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const [error] = this.document.errors;
    if (error !== undefined) throw this.#invalid(`${this.#at(error.pos[0])}: not YAML: ${error.message}`);
    if (this.document.contents === null) throw this.#invalid(`${file}: the file is empty; a scenario was expected`);
    if (!isMap(this.document.contents)) {
      throw this.#invalid(`${this.#at(0)}: expected keys and values, found ${describe(this.document.toJS())}`);
    }
  }

  /** Puts in one `a.b=c` from the command line. @throws SETTING_INVALID. */
  set(setting: string): void {
    const equals = setting.indexOf('=');
    const words = `--set ${setting}`;
    const key = setting.slice(0, Math.max(0, equals));
    if (equals < 1 || key.split('.').includes('')) {
      throw new TrunklineError('SETTING_INVALID', `${words}: expected key=value, such as phones.count=20k`);
    }
    const value = parseDocument(setting.slice(equals + 1));
    if (value.errors.length > 0) throw new TrunklineError('SETTING_INVALID', `${words}: the value is not YAML`);
    this.#put(key, value.toJS(), { words, isSetting: true });
  }

  /**
   * Puts in what a step of this file sets; complaints about it name the step and its entry.
   * @throws SCENARIO_INVALID where the entry stands for nothing that can be set.
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

  /** Takes a key out. */
  remove(key: string): void {
    this.document.delete(key);
  }

  /** Where a value (or, with `key`, a key) stands: a setting, or file, line and column. */
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

  /** Whether a value (or, with `key`, a key) came from the command line. */
  isSetting(path: Path, key?: string): boolean {
    return this.#origin(path, key)?.isSetting ?? false;
  }

  found(path: Path): string {
    return describe(path.length === 0 ? this.document.toJS() : toPlain(this.document.getIn(path)));
  }

  #put(key: string, value: unknown, origin: Origin): void {
    const path = key.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
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

  /** What brought a value or key in, by itself, by something around it or, for a key, by something inside it. */
  #origin(path: Path, key?: string): Origin | undefined {
    const full = key === undefined ? path : [...path, key];
    for (let length = full.length; length > 0; length--) {
      const origin = this.#origins.get(full.slice(0, length).join('.'));
      if (origin !== undefined) return origin;
    }
    if (key === undefined) return undefined;
    return [...this.#origins].find(([name]) => name.startsWith(`${full.join('.')}.`))?.[1];
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }

  #invalid(message: string): TrunklineError {
    return new TrunklineError('SCENARIO_INVALID', message);
  }
}

function toPlain(value: unknown): unknown {
  return isNode(value) ? value.toJSON() : value;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > FOUND_CHARACTERS_MAX ? `${text.slice(0, FOUND_CHARACTERS_MAX)}…` : text;
}
