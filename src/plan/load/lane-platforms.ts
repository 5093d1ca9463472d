/** The platforms of a scenario as a lane takes them. */
import type { Platform } from '../../driver/people/platforms.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';

/** None if the scenario has no platforms: phones are then all alike. */
export function lanePlatforms({
  platforms,
  content,
}: Pick<ScenarioSettings, 'platforms' | 'content'>): Platform[] | undefined {
  if (platforms.length === 0) return undefined;
  return platforms.map(({ name, share, heartbeat, session, sigma, away, push, minor, content: habits }) => {
    const ends =
      sigma === 0
        ? ({ distribution: 'exponential', meanMicros: session } as const)
        : ({ distribution: 'lognormal', medianMicros: session, sigma } as const);
    return {
      name,
      share,
      heartbeatMicros: heartbeat,
      session: Number.isFinite(session) ? ends : { distribution: 'none' },
      awayMicros: away,
      minor,
      habits: content.kinds.map((kind) => habits[kind.name] ?? 1),
      ...(push === undefined
        ? {}
        : { push: { delayMicros: push.delay, sigma: push.sigma, sessionMicros: push.session } }),
    };
  });
}
