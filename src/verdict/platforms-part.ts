/** The section of a result about platforms, from the counters of the driver. */
import type { PlatformFigures } from '../result/sections/platforms-schema.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';

export function platformsPart(
  platforms: ScenarioSettings['platforms'],
  driver: Readonly<Record<string, number>>,
): PlatformFigures[] {
  return platforms.map(({ name, share }, place) => {
    const of = (kind: 'Held' | 'Sessions' | 'Sent' | 'Delivered'): number => driver[`platform${kind}${place}`] ?? 0;
    return {
      name,
      share,
      connections: of('Held'),
      sessions: of('Sessions'),
      messagesSent: of('Sent'),
      messagesDelivered: of('Delivered'),
    };
  });
}
