/** Options of commands that compare revisions of trunkline, and the builds of these revisions. */
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

/** The builds that run the two sides. */
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
    }) as unknown as Argv<Before & Omit<RevisionArguments, 'quiet'>>; // yargs turns base-revision into baseRevision
}

/** @throws ARGUMENT_INVALID for a candidate revision without a base revision. */
export function checkRevisions({ baseRevision, candidateRevision }: RevisionArguments): void {
  if (candidateRevision === undefined || baseRevision !== undefined) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    '--candidate-revision: expected --base-revision as well, found none. Name the revision to compare with.',
  );
}

/**
 * Builds the requested revisions, calls `work`, and removes the builds, also after an interruption or error. Without
 * revisions both sides use the build that is running.
 *
 * @throws as {@link buildRevision}.
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
    // The candidate first, so that an unusable work tree is refused before anything is built.
    const code = await buildAll([candidateRevision ?? WORKING_TREE, baseRevision ?? WORKING_TREE], args, built);
    if (code !== null) return code;
    const [candidate, base] = built as [RevisionBuild, RevisionBuild]; // two revisions were built
    return await work({ base, candidate });
  } finally {
    for (const build of built) build.remove();
    ended.close();
  }
}

/** @returns the exit code if it was interrupted; otherwise null, and `built` has all builds. */
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
 * Makes a signal that nothing else handles end the process through its exit handlers, which remove the builds. By
 * default a signal would end the process without them.
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
