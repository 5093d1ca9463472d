/**
 * All that a scenario declares to take the connections of phones: storms, and outages of the network, in order of time.
 */
import type { ScenarioSettings } from './scenario-schema.ts';

type StormKeys = ScenarioSettings['storms'][number];
type OutageKeys = ScenarioSettings['network']['outages'][number];

export type DeclaredStorm = {
  /** From the start of the measurement. */
  readonly at: number;
  readonly notice: 'reset' | 'silent';
  readonly silence: number;
} & (
  | { readonly kind: 'storm'; readonly storm: StormKeys }
  /** @property place in `network.outages`. */
  | { readonly kind: 'outage'; readonly outage: OutageKeys; readonly place: number }
);

export function declaredStorms({ storms, network }: Pick<ScenarioSettings, 'storms' | 'network'>): DeclaredStorm[] {
  return [
    ...storms.map((storm): DeclaredStorm => {
      const { at, notice, silence } = storm;
      return { kind: 'storm', at, notice, silence, storm };
    }),
    ...network.outages.map((outage, place): DeclaredStorm => {
      const { at, silence } = outage;
      return { kind: 'outage', at, notice: 'silent', silence, outage, place };
    }),
  ].sort((a, b) => a.at - b.at);
}
