/** `trunkline init`: writes a file to start from: a minimal scenario, or rules for a gate. */
import { copyFileSync, constants as fsConstants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Argv, CommandModule } from 'yargs';
import { TrunklineError } from '../../base/errors.ts';

interface Template {
  readonly source: string;
  readonly file: string;
  /** What to do with the file. @param file path of the file, as typed. */
  readonly next: (file: string) => readonly string[];
}

/**
 * Files of the package, each also checked by a test: a template that does not run would be the first thing a user sees.
 */
const TEMPLATES = {
  scenario: {
    source: 'scenarios/templates/scenario.yaml',
    file: './scenario.yaml',
    next: (file) => [`trunkline doctor ${file}`, `trunkline run ${file}`],
  },
  rules: {
    source: 'scenarios/templates/rules.yaml',
    file: './rules.yaml',
    next: (file) => [`trunkline gate ${file} before.yaml after.yaml`],
  },
} as const satisfies Readonly<Record<string, Template>>;

export type TemplateKind = keyof typeof TEMPLATES;

export interface InitArguments {
  readonly kind: TemplateKind;
  readonly file?: string | undefined;
}

const ROOT = new URL('../../../', import.meta.url);

export function initCommand(): CommandModule<object, InitArguments> {
  return {
    command: 'init [kind] [file]',
    describe: 'Write a file to start from: a minimal scenario, or rules for a gate',
    builder,
    handler: (args) => init(args),
  };
}

function builder(yargs: Argv<object>): Argv<InitArguments> {
  return yargs
    .positional('kind', {
      choices: Object.keys(TEMPLATES) as TemplateKind[],
      default: 'scenario' as const,
      describe: 'What to write',
    })
    .positional('file', { type: 'string', describe: 'Where to write it; by default ./scenario.yaml or ./rules.yaml' })
    .example('$0 init', 'A minimal scenario, ./scenario.yaml')
    .example('$0 init rules gates/chat.yaml', 'Rules for a gate')
    .epilogue('An existing file is never overwritten. Exit codes: 0 written, 2 usage or configuration.');
}

/** @throws OUTPUT_UNWRITABLE if the file exists or cannot be written. */
function init({ kind, file: path }: InitArguments): void {
  const { source, file: usual, next } = TEMPLATES[kind];
  const file = path ?? usual;
  try {
    copyFileSync(fileURLToPath(new URL(source, ROOT)), file, fsConstants.COPYFILE_EXCL);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const cause = code === 'EEXIST' ? 'it exists' : message;
    throw new TrunklineError(
      'OUTPUT_UNWRITABLE',
      `${file}: expected the path of a new file: ${cause}. Choose another path: trunkline init ${kind} PATH.`,
    );
  }
  process.stdout.write(
    `Wrote ${file}. Next:\n${next(file)
      .map((line) => `  ${line}\n`)
      .join('')}`,
  );
}
