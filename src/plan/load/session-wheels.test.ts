import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SessionEnds, sessionEndsLedger } from '../../driver/people/session-ends.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { MACHINE } from '../measured-machine.test-suite.ts';
import { planRun } from '../run-plan.ts';
import { socketDemand } from '../sockets/socket-demand.ts';
import { planSockets } from '../sockets/socket-plan.ts';
import { lanePlatforms } from './lane-platforms.ts';
import { churnByZone } from './load-curve.ts';

const SCENARIO = `
name: people
description: Phones that come and go
phones: { count: 10k, offline: 0, heartbeat: 60s, session: none }
platforms: [{ name: phone, share: 100%, heartbeat: 60s, session: 10m, sigma: 1, away: 60s }]
login: { rate: 10k }
traffic: { rate: 0, payload: 64B }
driver: { lanes: 2 }
`;
const CURVE = `curve.hours=[${Array.from({ length: 24 }, (_, hour) => `${50 + hour}%`).join(', ')}]`;

for (const [of, clocks, settings] of [
  ['one clock', 1, []],
  ['longer sessions', 1, ['platforms=[{name: phone, share: 100%, heartbeat: 60s, session: 20h, away: 60s}]']],
  ['eight countries with a clock each', 8, ['countries=whatsapp-2014', CURVE]],
] as const) {
  it(`wheels of session ends are planned as large as they are: ${of}`, () => {
    const scenario = parseScenario(SCENARIO, 'people.yaml', [...settings]);
    const platforms = lanePlatforms(scenario.settings) ?? [];
    const times = churnByZone(scenario.settings)?.arrivals ?? [undefined];
    const links = { words: new Int32Array(1), stride: 1, at: 0 };
    const wheels = times.map((time) => new SessionEnds(1, platforms, links, time));
    const wheel = sessionEndsLedger(wheels, 0).find(({ name }) => name === 'wheel of session ends');
    assert.ok(times.length <= clocks && times.length > clocks / 2, `${times.length} clocks`);
    const planned = (parts: readonly { readonly what: string; readonly bytes: number }[]): number | undefined =>
      parts.find(({ what }) => what === 'wheels of session ends')?.bytes;
    assert.equal(planned(planRun(scenario).memory), 2 * (wheel?.bytes ?? 0), 'of both lanes');
    const overSockets = planSockets(socketDemand(scenario.settings, 'tcp'), MACHINE);
    assert.equal(planned(overSockets.memory), overSockets.lanes * (wheel?.bytes ?? 0), 'over sockets');
  });
}
