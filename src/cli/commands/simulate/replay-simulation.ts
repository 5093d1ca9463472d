/** `trunkline simulate --replay FILE`: repeats a failure step by step, and shows what happened last. */
import { TrunklineError } from '../../../base/errors.ts';
import { formatCountOf, formatMicros } from '../../../base/units.ts';
import { buildDigest } from '../../../measure/build-digest.ts';
import { fingerprint } from '../../../measure/fingerprint.ts';
import { printable } from '../../../report/text/printable.ts';
import { parseScenario } from '../../../scenario/scenario.ts';
import { engineDifference, parseReplay } from '../../../simulate/replay-file.ts';
import { simulate } from '../../../simulate/simulate.ts';
import { FrameType } from '../../../wire/frames.ts';
import { readText } from '../../options/read-text.ts';
import { simulationSettings } from '../../options/simulation-settings.ts';
import { ExitCode } from '../../terminal/exit-code.ts';

/** Events that are shown before the failure. */
const LAST_FRAMES = 40;
const FRAME_NAMES = new Map(Object.entries(FrameType).map(([name, type]) => [type as number, name]));

/**
 * @param scenario the words of the command line besides the file: the file names its scenario.
 * @returns the exit code: 1 if the failure happened again.
 * @throws REPLAY_INVALID or ARGUMENT_INVALID.
 */
export function replaySimulation(file: string, scenario: string | undefined): number {
  if (scenario !== undefined)
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `--replay: expected no scenario, found ${scenario}: the file has its own.`,
    );
  const text = readText(file, 'FILE_UNREADABLE', `--replay: expected a file that can be read at ${file}`);
  const program = { ...fingerprint(), buildDigest: buildDigest() };
  const replay = parseReplay(text, file, program);
  const settings = simulationSettings(parseScenario(JSON.stringify(replay.scenario), file));
  const say = (line: string): void => void process.stdout.write(`${printable(line)}\n`);
  const last: string[] = [];
  const { seed, faults, violation, drawnFaults, isShortest } = replay;
  const difference = engineDifference(replay, program);
  if (difference !== null) say(difference);
  say(
    `seed ${seed}, ${faults.length} of ${formatCountOf(drawnFaults, 'fault')}${isShortest ? ', none of which can be left out' : ''}`,
  );
  const outcome = simulate(settings, seed, faults, {
    fault: ({ kind, target, micros }, isEffective, atMicros) => {
      const length = micros === 0 ? '' : ` for ${formatMicros(micros)}`;
      const line = `${formatMicros(atMicros)}  ${kind} of ${target}${length}${isEffective ? '' : ': no effect'}`;
      say(line);
      last.push(line);
    },
    frame: (phone, isUp, type, serial) => {
      last.push(`  phone ${phone} ${isUp ? '→' : '←'} ${FRAME_NAMES.get(type) ?? type} ${serial}`);
      if (last.length > 2 * LAST_FRAMES) last.splice(0, LAST_FRAMES);
    },
  });
  say('the last events:');
  for (const line of last.slice(-LAST_FRAMES)) say(line);
  const [found] = outcome.violations;
  if (found === undefined) {
    say(`All checks passed. The recorded failure was ${violation.check}: ${violation.text}`);
    return ExitCode.FINE;
  }
  say(`${found.check} after ${formatMicros(found.atMicros)}: ${found.text}`);
  say(
    outcome.digest === replay.digest
      ? 'The digest is that of the recorded run.'
      : 'The digest differs from that of the recorded run.',
  );
  return ExitCode.THRESHOLD_FAILED;
}
