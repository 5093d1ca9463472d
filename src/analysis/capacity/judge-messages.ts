/**
 * The messages of all trials of a search in one run, which drains after the last trial: whether the limits on lost,
 * duplicated and reordered messages held, which no trial can judge by itself.
 */
import type { Result } from '../../result/result-schema.ts';
import { formatFound } from '../comparison/format-figure.ts';
import type { CapacityOutcome, MessageCheck } from './capacity-schema.ts';
import { isKnownOnceDrained, judgedLimits, type Limit } from './judge-trial.ts';

/** Every search has this limit, as every run has the guard of that name. */
const BALANCE = 'message balance';
/** More messages than the capacity may be refused: a search that goes beyond it is not worse for that. */
const MAY_BREAK_BEYOND = 'integrity.rejected';

type MessageLimit = MessageCheck['limits'][number];

/**
 * @param result of the run after its drain.
 * @param limits a subset of the thresholds of the result.
 * @param whyUnrested why there may still be messages in flight, used where there are.
 */
export function judgeMessages(result: Result, limits: readonly Limit[], whyUnrested: string): MessageCheck {
  const { integrity, validity, phases } = result;
  const isAtRest = integrity.digestsMatch !== null;
  const balance = validity.guards.find(({ name }) => name === BALANCE)?.sentence ?? '';
  const ofBalance: MessageLimit =
    integrity.isSound === null
      ? { limit: BALANCE, answer: 'not judged', sentence: whyUnrested }
      : { limit: BALANCE, answer: integrity.isSound ? 'held' : 'broken', sentence: balance };
  const judged = judgedLimits(
    result,
    limits.filter(({ metric }) => isKnownOnceDrained(metric)),
  );
  return {
    integrity,
    drainSeconds: phases.find(({ name }) => name === 'drain')?.durationSeconds ?? null,
    limits: [ofBalance, ...judged.map((one) => limitOf(one, isAtRest ? null : whyUnrested))],
  };
}

/** @param whyUnrested null if no message is in flight: a limit that holds so far may break otherwise. */
function limitOf(judged: Result['thresholds'][number], whyUnrested: string | null): MessageLimit {
  const { metric, expression, figure, passed, reason } = judged;
  const limit = `${metric} ${expression}`;
  const unjudged = (sentence: string): MessageLimit => ({ limit, answer: 'not judged', sentence });
  if (figure === null) return unjudged(whyUnrested ?? reason ?? 'it is not known');
  if (passed)
    return whyUnrested === null ? { limit, answer: 'held', sentence: formatFound(judged) } : unjudged(whyUnrested);
  const found = `found ${formatFound(judged)}`;
  if (metric === MAY_BREAK_BEYOND) return unjudged(`${found} in all trials, also in those beyond the capacity`);
  return { limit, answer: 'broken', sentence: `${limit}: ${found}` };
}

/** Where the run failed before its messages were checked. */
export function uncheckedMessages(limits: readonly Limit[], why: string): MessageCheck {
  const those = limits.filter(({ metric }) => isKnownOnceDrained(metric));
  const names = [BALANCE, ...those.map(({ metric, expression }) => `${metric} ${expression}`)];
  return {
    integrity: null,
    drainSeconds: null,
    limits: names.map((limit) => ({ limit, answer: 'not judged', sentence: why })),
  };
}

/** What the messages of all trials break, in words. */
export function brokenByMessages(messages: MessageCheck | null): string[] {
  return (messages?.limits ?? []).filter(({ answer }) => answer === 'broken').map(({ sentence }) => sentence);
}

/** The limits that nothing has judged, with the reasons in words; empty where a confirming run has judged them. */
export function unjudgedLimits({
  over,
  limits,
  messages,
  confirmations,
}: Pick<CapacityOutcome, 'over' | 'limits' | 'messages' | 'confirmations'>): string[] {
  if (over === 'connections' || confirmations.some(({ trial }) => trial.isValid && trial.isGood)) return [];
  if (messages === null) {
    const those = limits.filter(isKnownOnceDrained);
    return those.length === 0 ? [] : [`${those.join(', ')}: trials do not drain`];
  }
  const those = messages.limits.filter(({ answer }) => answer === 'not judged');
  return [...new Set(those.map(({ sentence }) => sentence))].map((why) => {
    const same = those.filter(({ sentence }) => sentence === why).map(({ limit }) => limit);
    return `${same.join(', ')}: ${why}`;
  });
}
