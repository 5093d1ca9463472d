/** Options of commands that compare revisions of trunkline, and the builds that they ask for. */
import { fileURLToPath } from 'node:url';
import type { Argv } from 'yargs';
import { TrunklineError } from '../../base/errors.ts';
import { buildRevision, type RevisionBuild } from '../../run/revision/revision-build.ts';
import type { SeriesBuild } from '../../run/series/series.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { Interruption } from '../terminal/interruption.ts';
import { ownBuild } from './own-build.ts';

export interface RevisionArguments {
  readonly baseRevision: string | undefined;
  readonly candidateRevision: string | undefined;
  readonly allowDirty: boolean;
  readonly quiet: boolean;
}

/** What runs either side. */
export interface SidedBuilds {
  readonly base: SeriesBuild;
  readonly candidate: SeriesBuild;
}

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[/\\]$/, '');
const WORKING_TREE = '.';

export function revisionOptions<Before>(yargs: Argv<Before>): Argv<Before & Omit<RevisionArguments, 'quiet'>> {
  return yargs
    .option('base-revision', {
      type: 'string',
      requiresArg: true,
      describe: "A commit, branch or tag of trunkline's repository that runs the base: built in a tree of its own",
    })
    .option('candidate-revision', {
      type: 'string',
      requiresArg: true,
      describe: 'The same for the candidate; the default . is the work tree as it was built',
    })
    .option('allow-dirty', {
      type: 'boolean',
      default: false,
      describe: 'Allow uncommitted changes in the work tree',
    }) as unknown as Argv<Before & Omit<RevisionArguments, 'quiet'>>; // yargs names base-revision baseRevision
}

/** @throws ARGUMENT_INVALID for a revision of the candidate that nothing is compared with. */
export function checkRevisions({ baseRevision, candidateRevision }: RevisionArguments): void {
  if (candidateRevision === undefined || baseRevision !== undefined) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    '--candidate-revision: expected --base-revision as well, found none. Name the revision to compare with.',
  );
}

/**
 * Builds the revisions that were asked for, hands them to `work`, and removes them again, also where it is
 * interrupted or fails. Without a revision both sides are the build that is running.
 *
 * @throws what {@link buildRevision} throws.
 */
export async function withBuilds(
  args: RevisionArguments,
  work: (builds: SidedBuilds) => Promise<number>,
): Promise<number> {
  const { baseRevision, candidateRevision } = args;
  if (baseRevision === undefined && candidateRevision === undefined) {
    return work({ base: ownBuild(), candidate: ownBuild() });
  }
  const ended = endOnSignal();
  const built: RevisionBuild[] = [];
  try {
    // The candidate first: a work tree that is refused is refused before anything is built.
    const code = await buildAll([candidateRevision ?? WORKING_TREE, baseRevision ?? WORKING_TREE], args, built);
    if (code !== null) return code;
    const [candidate, base] = built as [RevisionBuild, RevisionBuild]; // two were asked for
    return await work({ base, candidate });
  } finally {
    for (const build of built) build.remove();
    ended.close();
  }
}

/** @returns the exit code where it was interrupted; else null, and `built` has them all. */
async function buildAll(
  revisions: readonly string[],
  args: RevisionArguments,
  built: RevisionBuild[],
): Promise<number | null> {
  const say = (text: string): void => {
    if (!args.quiet) process.stderr.write(`${text}\n`);
  };
  const interruption = new Interruption(() => say('Interrupted: removing what was built.'));
  try {
    for (const revision of revisions) {
      const order = { root: REPOSITORY, allowDirty: args.allowDirty, say };
      const build = await buildRevision(revision, order, interruption.signal);
      if (build === null) return interruption.exitCode ?? ExitCode.INTERRUPTED;
      built.push(build);
    }
    return null;
  } finally {
    interruption.close();
  }
}

/**
 * A signal that nobody else takes ends the process as any other end does, with what was built removed; by
 * itself it would leave that behind.
 */
function endOnSignal(): { close: () => void } {
  const end = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > 1) return;
    process.exit(signal === 'SIGINT' ? ExitCode.INTERRUPTED : ExitCode.TERMINATED);
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return {
    close: () => {
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
    },
  };
}
