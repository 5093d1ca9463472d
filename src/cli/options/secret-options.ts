/** The secret of login tokens: from a flag, the environment or a file, and never part of a result. */
import type { Argv } from 'yargs';
import { TrunklineError } from '../../base/errors.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { readFlagText } from './read-text.ts';

export interface SecretArguments {
  readonly secret: string | undefined;
  readonly 'secret-file': string | undefined;
}

/**
 * Removes the secret from the environment: child processes must not inherit it, and commands without a secret would
 * report it as an unknown option.
 */
export function takeEnvironmentSecret(environment: NodeJS.ProcessEnv): SecretArguments {
  const taken = { secret: environment['TRUNKLINE_SECRET'], 'secret-file': environment['TRUNKLINE_SECRET_FILE'] };
  delete environment['TRUNKLINE_SECRET'];
  delete environment['TRUNKLINE_SECRET_FILE'];
  return taken;
}

export function secretOptions<T>(yargs: Argv<T>): Argv<T & SecretArguments> {
  return yargs
    .option('secret', {
      type: 'string',
      describe: 'Secret for login tokens; visible to other users of this machine, so prefer TRUNKLINE_SECRET',
    })
    .option('secret-file', { type: 'string', describe: 'File that contains only the secret' });
}

/** The secret; flags override the environment; null if there is none. @throws FILE_UNREADABLE or ARGUMENT_INVALID */
export function secretOf(args: SecretArguments, environment: SecretArguments): string | null {
  if (args.secret !== undefined && args['secret-file'] !== undefined) {
    throw new TrunklineError('ARGUMENT_INVALID', 'Expected --secret or --secret-file, found both.');
  }
  const isFlag = args.secret !== undefined || args['secret-file'] !== undefined;
  const given = isFlag ? args : environment;
  if (given['secret-file'] === undefined && given.secret === undefined) return null;
  const secret = given.secret ?? readFlagText('--secret-file', given['secret-file'] ?? '').trim();
  if (secret === '') throw new TrunklineError('ARGUMENT_INVALID', 'Expected a secret of at least one character.');
  return secret;
}

/** The scenario with tokens of this secret. The copy of the scenario in results does not contain the secret. */
export function withSecret(scenario: Scenario, secret: string): Scenario {
  const login = { ...scenario.settings.login, authentication: 'hmac' as const, secret };
  return { ...scenario, settings: { ...scenario.settings, login } };
}
