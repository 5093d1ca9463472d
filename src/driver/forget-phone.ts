/**
 * A phone that restarts and has lost its state: it knows neither its unanswered messages nor what it has seen. A
 * simulation does this to phones; nothing else does.
 */
import { ID_WINDOW } from '../base/serial-distance.ts';
import { NO_CHANGE } from './groups/changed-groups.ts';
import type { LaneState } from './state/lane-state.ts';
import { IN_FLIGHT_NONE } from './tables/in-flight-table.ts';

/**
 * Ids that such a phone skips. A message that it has forgotten may still be on its way, and its id is at most a window
 * ahead of the highest that the switch knows (PROTOCOL.md, "Sending", rule 1).
 */
const SKIPPED_IDS = 2 * ID_WINDOW;

/** Makes the phone in `row` forget. The caller ends its connection before its next turn. */
export function forgetPhone({ phones, inFlight, groups }: LaneState, row: number): void {
  const last = phones.lastNumber(row);
  for (let number = Math.max(1, last - ID_WINDOW + 1); number <= last; number++) {
    const place = inFlight.find(row, number);
    if (place === IN_FLIGHT_NONE || !inFlight.awaitsAcknowledgement(place)) continue;
    inFlight.remove(place);
    const change = groups?.changes.find(row, number) ?? NO_CHANGE;
    if (change !== NO_CHANGE) groups?.changes.cancel(change);
  }
  phones.setLastNumber(row, last + SKIPPED_IDS);
  phones.setLastSequence(row, 0);
}
