/** The HTTP side of the switch in a plan: its business accounts, their numbers, and the tables of the gateway. */
import { TrunklineError } from '../base/errors.ts';
import { ID_WINDOW } from '../base/serial-distance.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import type { NumberBlock } from '../wire/numbering-plan.ts';

/** Business accounts, and the tables of the gateway. */
export interface HttpPlan {
  /** Account index of the first business: the others follow it, and only groups come after them. */
  readonly firstBusiness: number;
  readonly businesses: number;
  readonly lookupsMax: number;
}

/**
 * Lookups of sessions by HTTP that may be open at the same time: they are answered at once, and take no part in the
 * load.
 */
const LOOKUPS_MAX = 256;

/**
 * The HTTP side of a scenario.
 * @throws PLAN_EXCEEDS_LIMIT if inboxes do not reserve room for all answers that it may await.
 */
export function plannedHttp(
  { http, switch: { questions } }: ScenarioSettings,
  served: readonly NumberBlock[],
): HttpPlan | null {
  if (http.port === 'none') return null;
  const needed = http.accounts * ID_WINDOW + LOOKUPS_MAX;
  if (needed > questions) {
    throw new TrunklineError(
      'PLAN_EXCEEDS_LIMIT',
      `switch.questions: expected at least ${needed} for http.accounts=${http.accounts}, found ${questions}: each account may have ` +
        `${ID_WINDOW} messages unanswered, and there may be ${LOOKUPS_MAX} lookups. Use --set switch.questions=${needed}, or fewer accounts.`,
    );
  }
  const firstBusiness = served.reduce((sum, block) => sum + block.count, 0);
  return { firstBusiness, businesses: http.accounts, lookupsMax: LOOKUPS_MAX };
}

/** The numbers of businesses follow the last number, so a single block stays one, and phones keep their indexes. */
export function withBusinesses(served: readonly NumberBlock[], businesses: number): NumberBlock[] {
  const last = served.reduce((latest, block) => (block.first > latest.first ? block : latest));
  if (last.turns !== undefined) return [...served, { first: last.first + last.count, count: businesses }];
  return served.map((block) => (block === last ? { ...block, count: block.count + businesses } : block));
}
