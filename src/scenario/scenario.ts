/**
 * Turns the text of a scenario, and settings from the command line, into a checked scenario.
 *
 * Every complaint names the file, line and column (or the setting), what was expected and what
 * was found, and all complaints about a file come at once.
 */
import type { z } from 'zod';
import { TrunklineError } from '../base/errors.ts';
import { nearest } from './nearest.ts';
import { type ScenarioSettings, scenarioSchema } from './scenario-schema.ts';
import { type Path, ScenarioSource } from './scenario-source.ts';
import { keysAt } from './schema-keys.ts';
import { parseThreshold, type Threshold } from './threshold.ts';

export interface Scenario {
  readonly name: string;
  readonly settings: ScenarioSettings;
  readonly thresholds: readonly Threshold[];
  /** The scenario as it was written, settings put in: what a result quotes. */
  readonly written: unknown;
}

/** Complaints shown at once; a wrong file has many for one cause. */
const COMPLAINTS_MAX = 10;

/**
 * Reads a scenario.
 *
 * @param file how messages name the text.
 * @param settings `a.b=c` each, put in before checking.
 * @throws SCENARIO_INVALID, SETTING_INVALID or THRESHOLD_INVALID.
 */
export function parseScenario(text: string, file: string, settings: readonly string[] = []): Scenario {
  const source = new ScenarioSource(text, file);
  for (const setting of settings) source.set(setting);
  return checkScenario(source);
}

/** Checks what was read. @throws SCENARIO_INVALID, SETTING_INVALID or THRESHOLD_INVALID. */
export function checkScenario(source: ScenarioSource): Scenario {
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

function complaints(source: ScenarioSource, issues: readonly z.core.$ZodIssue[]): TrunklineError {
  const lines = issues.flatMap((issue) => complaint(source, issue));
  const shown = lines.slice(0, COMPLAINTS_MAX);
  if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
  const allSettings = issues.every((issue) => isAboutSetting(source, issue));
  return new TrunklineError(allSettings ? 'SETTING_INVALID' : 'SCENARIO_INVALID', shown.join('\n'));
}

function isAboutSetting(source: ScenarioSource, issue: z.core.$ZodIssue): boolean {
  if (issue.code !== 'unrecognized_keys') return source.isSetting(issue.path);
  return issue.keys.every((key) => source.isSetting(issue.path, key));
}

function complaint(source: ScenarioSource, issue: z.core.$ZodIssue): string[] {
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
function checkWhole(source: ScenarioSource, settings: ScenarioSettings): void {
  const { phones, numbering, traffic, driver, login } = settings;
  const online = Math.floor(phones.count * (1 - phones.offline));
  const fail = (path: Path, what: string): never => {
    const code = source.isSetting(path) ? 'SETTING_INVALID' : 'SCENARIO_INVALID';
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

function parseThresholds(source: ScenarioSource, settings: ScenarioSettings): Threshold[] {
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
