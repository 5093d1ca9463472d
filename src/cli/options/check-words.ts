/**
 * Checks the words of a command line before anything reads them.
 *
 * yargs guesses: an option without its value becomes an empty text, a repeated one a list, a misspelt one a list of
 * names. Here each of these is an error that names what was typed and what to do. Checked words are passed on as
 * `--name=value`, so that nothing is left to guess.
 */
import { TrunklineError } from '../../base/errors.ts';
import { parseCount } from '../../base/units.ts';
import { nearest } from '../../scenario/nearest.ts';
import type { Command, DeclaredOption } from './declared-command.ts';

/** An option, and where it was given. */
interface Given {
  readonly option: DeclaredOption;
  /** `--out`, `-c` or `TRUNKLINE_OUT`. */
  readonly typed: string;
  readonly value: string;
}

const VARIABLE = 'TRUNKLINE_';
const YES = ['true', '1', 'yes'];
const NO = ['false', '0', 'no'];
const NEGATION = 'no-';

/** `--base-set` as `TRUNKLINE_BASE_SET`. */
function variableOf(option: string): string {
  return `${VARIABLE}${option.replaceAll('-', '_').toUpperCase()}`;
}

/**
 * @param name of the command.
 * @param typed the words after it.
 * @param environment whose variables replace options that were not given.
 * @returns words that yargs cannot misread.
 * @throws ARGUMENT_INVALID.
 */
export function checkWords(
  name: string,
  command: Command,
  typed: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const words: string[] = [];
  const given: Given[] = [];
  let isOver = false;
  for (let i = 0; i < typed.length; i++) {
    const word = typed[i] ?? '';
    if (!word.startsWith('-') || word === '-') words.push(word);
    else if (isOver)
      words.push(`./${word}`); // such a word can only be a file
    else if (word === '--') isOver = true;
    else {
      const one = readOption(name, command, word, typed[i + 1]);
      given.push(one.given);
      if (one.isNextTaken) i += 1;
    }
  }
  checkRepeats(given);
  checkCount(command, words);
  const all = [...given, ...fromEnvironment(command, given, environment)];
  const values = new Map(all.map((one) => [one, checkedValue(one)]));
  const options = oneFormat(all).map((one) => `--${one.option.name}=${values.get(one)}`);
  return [...words, ...options];
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('ARGUMENT_INVALID', message);
}

function readOption(
  name: string,
  command: Command,
  word: string,
  next: string | undefined,
): { readonly given: Given; readonly isNextTaken: boolean } {
  const equals = word.indexOf('=');
  const typed = equals < 0 ? word : word.slice(0, equals);
  const inline = equals < 0 ? null : word.slice(equals + 1);
  const { option, isNegated } = optionOf(name, command, typed);
  if (option.kind === 'flag') {
    if (inline === null) return { given: { option, typed, value: String(!isNegated) }, isNextTaken: false };
    if (isNegated || ![...YES, ...NO].includes(inline.toLowerCase())) {
      throw invalid(`${typed} takes no value, found "${inline}".`);
    }
    return { given: { option, typed, value: inline }, isNextTaken: false };
  }
  if (inline !== null) return { given: { option, typed, value: inline }, isNextTaken: false };
  const hasNext = next !== undefined && (!next.startsWith('-') || /^-(\d|$)/.test(next));
  return { given: { option, typed, value: hasNext ? next : '' }, isNextTaken: hasNext };
}

function optionOf(name: string, { options }: Command, typed: string): { option: DeclaredOption; isNegated: boolean } {
  const bare = typed.replace(/^--?/, '');
  const isLong = typed.startsWith('--');
  const find = (wanted: string): DeclaredOption | undefined =>
    options.find((one) => (isLong ? one.name === wanted || camel(one.name) === wanted : one.letters.includes(wanted)));
  const option = find(bare);
  if (option !== undefined) return { option, isNegated: false };
  const negated = isLong && bare.startsWith(NEGATION) ? find(bare.slice(NEGATION.length)) : undefined;
  if (negated?.kind === 'flag') return { option: negated, isNegated: true };
  const known = ['--help', ...options.map((one) => `--${one.name}`)];
  throw invalid(`trunkline ${name} has no option ${typed}${hint(typed, known)}`);
}

function hint(typed: string, known: readonly string[]): string {
  const found = nearest(typed, known);
  return found === '' ? '.' : found;
}

function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function checkRepeats(given: readonly Given[]): void {
  const twice = given.find(
    ({ option }, i) => !option.isRepeatable && given.findIndex((other) => other.option === option) < i,
  );
  if (twice === undefined) return;
  throw invalid(`${twice.typed}: expected it once, found it twice: remove one.`);
}

function checkCount({ words: declared, usage }: Command, words: readonly string[]): void {
  const missing = declared.filter(({ isRequired }) => isRequired)[words.filter((word) => word !== '').length];
  if (missing !== undefined) {
    throw invalid(`Expected trunkline ${usage}, found no ${missing.name}.`);
  }
  const isEndless = declared.some(({ isRepeatable }) => isRepeatable);
  const extra = words[declared.length];
  if (extra === undefined || isEndless) return;
  throw invalid(`Expected trunkline ${usage}, found one argument too many: "${extra}".`);
}

/** Environment variables of options that were not given. */
function fromEnvironment(
  { options }: Command,
  given: readonly Given[],
  environment: Readonly<Record<string, string | undefined>>,
): Given[] {
  return options.flatMap((option) => {
    const typed = variableOf(option.name);
    const value = environment[typed];
    if (value === undefined || given.some((one) => one.option === option)) return [];
    return [{ option, typed, value }];
  });
}

/** `--json` is the same as `--format json`; a flag overrides a variable. @throws if the two contradict each other. */
function oneFormat(given: readonly Given[]): readonly Given[] {
  const format = given.find(({ option }) => option.name === 'format');
  const json = given.find(({ option, value }) => option.name === 'json' && YES.includes(value.toLowerCase()));
  if (format === undefined || json === undefined || format.value === 'json') return given;
  const [isFlag, isJsonFlag] = [format, json].map(({ typed }) => !typed.startsWith(VARIABLE));
  if (isFlag === isJsonFlag) {
    throw invalid(`${json.typed} and ${format.typed} ${format.value} contradict each other: remove one.`);
  }
  return given.filter((one) => one !== (isFlag ? json : format));
}

/** @throws if a value is missing or not valid for the option. */
function checkedValue({ option, typed, value }: Given): string {
  if (option.kind === 'flag') {
    if (YES.includes(value.toLowerCase())) return 'true';
    if (NO.includes(value.toLowerCase())) return 'false';
    throw invalid(`${typed}: expected true or false, found "${value}".`);
  }
  if (value === '') throw invalid(`${typed}: expected ${wanted(option)}, found nothing.`);
  if (option.choices !== null && !option.choices.includes(value)) {
    throw invalid(`${typed}: expected ${wanted(option)}, found "${value}"${hint(value, option.choices)}`);
  }
  if (option.kind !== 'number') return value;
  const number = parseCount(value);
  if (number === null) throw invalid(`${typed}: expected ${wanted(option)}, found "${value}".`);
  return String(number);
}

function wanted({ kind, choices }: DeclaredOption): string {
  if (choices !== null) return `one of ${choices.join(', ')}`;
  return kind === 'number' ? 'a number of at least 0, such as 10' : 'a value';
}

/**
 * Environment variables that look like options but match no option of any command, each with the most similar name.
 *
 * @param names of all options of all commands.
 */
export function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): string[] {
  const known = names.map(variableOf);
  return Object.keys(environment)
    .filter((name) => name.startsWith(VARIABLE) && !known.includes(name))
    .map((name) => `The variable ${name} belongs to no option and is ignored${hint(name, known)}`);
}
