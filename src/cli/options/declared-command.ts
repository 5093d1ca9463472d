/** Reads back what a command declares to yargs: its usage and its options. */
import type { Argv, CommandModule } from 'yargs';
import yargs from 'yargs';

export interface DeclaredOption {
  /** As written, without the dashes. */
  readonly name: string;
  readonly letters: readonly string[];
  /** A flag takes no value. */
  readonly kind: 'flag' | 'text' | 'number';
  readonly isRepeatable: boolean;
  readonly choices: readonly string[] | null;
}

export interface DeclaredWord {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isRepeatable: boolean;
}

/** A command with arguments of any type. */
export interface Command {
  /** For example `run <scenario..>`. */
  readonly usage: string;
  readonly words: readonly DeclaredWord[];
  readonly options: readonly DeclaredOption[];
  readonly addTo: (parser: Argv) => void;
}

/** What yargs knows about options; not part of its types. */
interface Kept {
  readonly key: Readonly<Record<string, boolean>>;
  readonly alias: Readonly<Record<string, readonly string[]>>;
  readonly array: readonly string[];
  readonly boolean: readonly string[];
  readonly number: readonly string[];
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

const WORD = /([<[])([\w-]+)(\.\.)?[\]>]/g;
/** Options that yargs adds itself. */
const GENERAL = ['help', 'version'];

export function declaredCommand<Arguments>(module: CommandModule<object, Arguments>): Command {
  const usage = String(module.command);
  const words = [...usage.matchAll(WORD)].map(
    ([, bracket, name = '', dots]): DeclaredWord => ({
      name,
      isRequired: bracket === '<',
      isRepeatable: dots !== undefined,
    }),
  );
  const parser = yargs([]);
  if (typeof module.builder === 'function') void module.builder(parser as Argv<object>);
  const kept = (parser as unknown as { getOptions: () => Kept }).getOptions(); // it exists, but is not in the types
  const letters = new Set(Object.values(kept.alias).flat());
  const names = Object.keys(kept.key).filter(
    (name) => !letters.has(name) && !GENERAL.includes(name) && words.every((word) => word.name !== name),
  );
  const options = names.map(
    (name): DeclaredOption => ({
      name,
      letters: kept.alias[name] ?? [],
      kind: kept.boolean.includes(name) ? 'flag' : kept.number.includes(name) ? 'number' : 'text',
      isRepeatable: kept.array.includes(name),
      choices: kept.choices[name] ?? null,
    }),
  );
  return { usage, words, options, addTo: (target) => void target.command(module) };
}
