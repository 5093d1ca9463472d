/**
 * Turns the text of a scenario, and settings from the command line, into a checked scenario.
 *
 * Every complaint names the file, line and column (or the setting), what was expected and what
 * was found, and all complaints about a file come at once.
 */
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { TrunklineError } from '../base/errors.ts';
import { nearest } from './nearest.ts';
import { type ScenarioSettings, scenarioSchema } from './scenario-schema.ts';
import { keysAt } from './schema-keys.ts';
import { parseThreshold, type Threshold } from './threshold.ts';

export interface Scenario {
  readonly name: string;
  readonly settings: ScenarioSettings;
  readonly thresholds: readonly Threshold[];
  /** The scenario as it was written, settings put in: what a result quotes. */
  readonly written: unknown;
}

type Path = readonly PropertyKey[];

/** Complaints shown at once; a wrong file has many for one cause. */
const COMPLAINTS_MAX = 10;
const FOUND_CHARACTERS_MAX = 60;

class Source {
  readonly document: Document;
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #settings = new Map<string, string>();

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

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }

  #invalid(message: string): TrunklineError {
    return new TrunklineError('SCENARIO_INVALID', message);
  }
}

/**
 * Reads a scenario.
 *
 * @param file how messages name the text.
 * @param settings `a.b=c` each, put in before checking.
 * @throws SCENARIO_INVALID, SETTING_INVALID or THRESHOLD_INVALID.
 */
export function parseScenario(text: string, file: string, settings: readonly string[] = []): Scenario {
  const source = new Source(text, file);
  for (const setting of settings) source.set(setting);
  const written: unknown = source.document.toJS();
  const parsed = scenarioSchema.safeParse(written);
  if (!parsed.success) throw complaints(source, parsed.error.issues);
  checkWhole(source, parsed.data);
  return {
    name: parsed.data.name,
    settings: parsed.data,
    thresholds: parseThresholds(source, parsed.data),
    written,
  };
}

function complaints(source: Source, issues: readonly z.core.$ZodIssue[]): TrunklineError {
  const lines = issues.flatMap((issue) => complaint(source, issue));
  const shown = lines.slice(0, COMPLAINTS_MAX);
  if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
  const allSettings = issues.every((issue) => isAboutSetting(source, issue));
  return new TrunklineError(allSettings ? 'SETTING_INVALID' : 'SCENARIO_INVALID', shown.join('\n'));
}

function isAboutSetting(source: Source, issue: z.core.$ZodIssue): boolean {
  if (issue.code !== 'unrecognized_keys') return source.settingAt(issue.path) !== undefined;
  return issue.keys.every((key) => source.settingOfKey(issue.path, key) !== undefined);
}

function complaint(source: Source, issue: z.core.$ZodIssue): string[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = keysAt(scenarioSchema, path);
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

/** What no single key can be wrong about. */
function checkWhole(source: Source, settings: ScenarioSettings): void {
  const { phones, numbering, traffic, driver, login } = settings;
  const online = Math.floor(phones.count * (1 - phones.offline));
  const fail = (path: Path, what: string): never => {
    const code = source.settingAt(path) === undefined ? 'SCENARIO_INVALID' : 'SETTING_INVALID';
    throw new TrunklineError(code, `${source.place(path)}: ${path.join('.')}: ${what}`);
  };
  const blocks = [...numbering].sort((a, b) => a.first - b.first);
  blocks.forEach((block, i) => {
    const before = blocks[i - 1];
    if (before !== undefined && before.first + before.count > block.first) {
      fail(['numbering'], `the blocks that start at ${before.first} and ${block.first} overlap`);
    }
  });
  const numbers = blocks.reduce((sum, block) => sum + block.count, 0);
  if (blocks.length > 0 && numbers < phones.count) {
    fail(['numbering'], `${numbers} numbers are too few for ${phones.count} phones`);
  }
  if (online < 1) fail(['phones', 'offline'], 'no phone is left that connects');
  const active = traffic.activePhones === 'all' ? phones.count : traffic.activePhones;
  if (active > phones.count) fail(['traffic', 'activePhones'], `expected at most phones.count, ${phones.count}`);
  if (active <= phones.contacts)
    fail(['phones', 'contacts'], `expected fewer contacts than the ${active} phones that write`);
  if (driver.lanes > phones.count) fail(['driver', 'lanes'], 'expected at most one lane for each phone');
  if (login.timeout > 30 * 60e6) fail(['login', 'timeout'], 'expected at most 30m');
}

function parseThresholds(source: Source, settings: ScenarioSettings): Threshold[] {
  return Object.entries(settings.thresholds).flatMap(([metric, written]) =>
    [written].flat().map((expression) => {
      try {
        return parseThreshold(metric, expression);
      } catch (error) {
        if (!(error instanceof TrunklineError)) throw error;
        throw new TrunklineError(error.code, `${source.place(['thresholds', metric], undefined)}: ${error.message}`);
      }
    }),
  );
}

function toPlain(value: unknown): unknown {
  return isNode(value) ? value.toJSON() : value;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > FOUND_CHARACTERS_MAX ? `${text.slice(0, FOUND_CHARACTERS_MAX)}…` : text;
}
