/**
 * The file of a failed simulation: everything that repeats it step by step. A run is a function of the program, the
 * scenario, the seed and the list of faults, so the file names the version and commit of the program, and the digest of
 * its code, which may have uncommitted changes. No other program replays it. Draws use Math.log and Math.exp, whose
 * last bit ECMAScript leaves to the engine, so it names V8 as well.
 */
import { z } from 'zod';
import { causeOf } from '../base/cause-of.ts';
import { TrunklineError } from '../base/errors.ts';
import { FAULT_KINDS, type FaultKind } from './faults/fault-kinds.ts';

export const REPLAY_SCHEMA = 'trunkline.replay/1';

const whole = z.number().int();

const replaySchema = z.strictObject({
  schema: z.literal(REPLAY_SCHEMA),
  trunkline: z.string(),
  commit: z.string().nullable(),
  /** Whether there were uncommitted changes; null outside a repository. */
  isDirty: z.boolean().nullable(),
  buildDigest: z.string(),
  v8: z.string(),
  /** As written, with the settings of the command line. */
  scenario: z.unknown(),
  seed: whole,
  faults: z.array(
    z.strictObject({
      kind: z.enum(Object.keys(FAULT_KINDS) as [FaultKind, ...FaultKind[]]), // its keys
      atMicros: whole.min(0),
      target: whole.min(0),
      micros: whole.min(0),
      salt: whole,
    }),
  ),
  /** Faults that the seed had drawn. */
  drawnFaults: whole.min(0),
  isShortest: z.boolean(),
  violation: z.strictObject({ check: z.string(), text: z.string(), atMicros: z.number() }),
  digest: z.string(),
});

export type Replay = z.output<typeof replaySchema>;

/** The program that is running. */
export interface RunningProgram {
  readonly trunkline: string;
  readonly commit: string | null;
  readonly isDirty: boolean | null;
  /** Of its code. */
  readonly buildDigest: string;
  /** Version of the JavaScript engine. */
  readonly v8: string;
}

/** The text of a file. */
export function replayText(replay: Replay): string {
  return `${JSON.stringify(replay, null, 1)}\n`;
}

/**
 * Reads a file.
 * @param file its name, for messages.
 * @throws REPLAY_INVALID if it is no such file, is damaged, or was written by another version, commit or build.
 */
export function parseReplay(text: string, file: string, program: RunningProgram): Replay {
  const value = parsedJson(text, file);
  const found = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (found !== REPLAY_SCHEMA)
    throw invalid(file, `a file of schema ${REPLAY_SCHEMA}`, `schema ${JSON.stringify(found) ?? 'none'}`);
  const parsed = replaySchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(
      file,
      'a whole file of a failed simulation',
      `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  const replay = parsed.data;
  if (replay.trunkline !== program.trunkline)
    throw invalid(
      file,
      `a file of trunkline ${program.trunkline}`,
      `one of ${replay.trunkline}. Replay it with that version`,
    );
  if (replay.commit !== program.commit)
    throw invalid(
      file,
      `a file of commit ${program.commit ?? 'unknown'}`,
      `one of ${replay.commit ?? 'unknown'}. Replay it with a build of that commit, or simulate seed ${replay.seed} again`,
    );
  if (replay.buildDigest !== program.buildDigest)
    throw invalid(
      file,
      `a file of the build with digest ${buildName(program)}`,
      `one of the same commit, but of the build with digest ${buildName(replay)}. Replay it with that code, or simulate seed ${replay.seed} again`,
    );
  return replay;
}

function buildName({ buildDigest, isDirty }: Pick<RunningProgram, 'buildDigest' | 'isDirty'>): string {
  return isDirty === true ? `${buildDigest} (with uncommitted changes)` : buildDigest;
}

/** A sentence for a file that another engine wrote; null if it was this one. */
export function engineDifference(replay: Replay, { v8 }: RunningProgram): string | null {
  if (replay.v8 === v8) return null;
  return `Recorded with V8 ${replay.v8}, replayed with V8 ${v8}: its Math.log and Math.exp may differ, and then the run does too. Use the Node version of the recording.`;
}

function parsedJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(file, 'JSON', causeOf(error));
  }
}

function invalid(file: string, expected: string, found: string): TrunklineError {
  return new TrunklineError('REPLAY_INVALID', `${file}: expected ${expected}, found ${found}.`);
}
