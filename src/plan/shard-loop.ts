/** The loop of a shard: how much it does per turn, and the resolution of its timers. */
import { TrunklineError } from '../base/errors.ts';
import { formatBytes, formatCount, formatMicros } from '../base/units.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import { TRANSPORTS } from '../scenario/terms/transports.ts';
import { INPUT_ANSWER_BYTES_MAX } from '../switch/phone-output.ts';
import { autoTickMicros, longestTimeoutMicros, TIMEOUT_TICKS_MAX } from '../switch/terms/shard-settings.ts';
import { heartbeatTimeoutMicros } from './load/heartbeat-timeout-micros.ts';

export interface ShardLoop {
  readonly inputsPerTurn: number;
  readonly timerResolutionMicros: number;
}

/**
 * Reads the loop settings of a scenario.
 * @throws PLAN_EXCEEDS_LIMIT if the answers of a turn would take more than half of the room to the phones, or if
 * time-outs and their resolution do not match.
 */
export function shardLoop(settings: ScenarioSettings): ShardLoop {
  checkAnswers(settings);
  return { inputsPerTurn: settings.switch.inputsPerTurn, timerResolutionMicros: timerResolution(settings) };
}

/** Answers and messages share the room to the phones; some transports send to make room. */
function checkAnswers(settings: ScenarioSettings): void {
  const { transport, rings } = settings;
  const room = TRANSPORTS[transport].answerRoom;
  if (room === null) return;
  const { inputsPerTurn } = settings.switch;
  const [bytes, what, remedy] =
    'bytes' in room
      ? [room.bytes, `the room for the output of a turn over ${transport}`, 'Lower it.']
      : [rings.connection, room.key, `Lower it, or raise ${room.key}.`];
  const inputsMax = Math.floor(bytes / 2 / INPUT_ANSWER_BYTES_MAX);
  if (inputsPerTurn <= inputsMax) return;
  throw new TrunklineError(
    'PLAN_EXCEEDS_LIMIT',
    `switch.inputsPerTurn: expected at most ${formatCount(inputsMax)}, found ${formatCount(inputsPerTurn)}: their answers, ` +
      `${INPUT_ANSWER_BYTES_MAX} B each, may take half of ${what}, ${formatBytes(bytes)}. ${remedy}`,
  );
}

function timerResolution(settings: ScenarioSettings): number {
  const { timerResolution: stated, loginTimeout, mailbox } = settings.switch;
  const timeouts = {
    heartbeatTimeoutMicros: heartbeatTimeoutMicros(settings),
    loginTimeoutMicros: loginTimeout,
    redeliveryMicros: mailbox.redelivery,
  };
  if (stated === 'auto') return autoTickMicros(timeouts);
  const longest = longestTimeoutMicros(timeouts);
  const shortest = Math.ceil(longest / TIMEOUT_TICKS_MAX);
  if (stated >= shortest && stated <= longest) return stated;
  throw new TrunklineError(
    'PLAN_EXCEEDS_LIMIT',
    `switch.timerResolution: expected from ${formatMicros(shortest)} to ${formatMicros(longest)}, found ${formatMicros(stated)}: ` +
      `the longest of heartbeatTimeout, loginTimeout and mailbox.redelivery is ${formatMicros(longest)}, and may have ` +
      `${formatCount(TIMEOUT_TICKS_MAX)} ticks. Change the resolution, or that time-out.`,
  );
}
