/** How a run is shown: on a terminal by the live view, elsewhere by lines. */
import type { RunOrder } from '../../run/phases/order/run-order.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { sendDelayMicrosMax } from '../../verdict/guards/driver-guards.ts';
import { LineView } from './line-view.ts';
import type { LivePlan } from './live-run.ts';
import type { KeyRequests, RunView } from './run-view.ts';
import { hasLiveArea, processTerminal, type Terminal } from './terminal.ts';
import { terminalPalette } from './terminal-palette.ts';
import { plannedPhases } from './time-left.ts';

/**
 * Shows a run on the terminal of this process as well as that can show it. Call `close` at the end. What redraws a
 * terminal is loaded only where there is one: most runs are those of a series, whose output is a pipe.
 */
export async function openRunView(
  order: RunOrder,
  requests: KeyRequests,
  terminal: Terminal = processTerminal(),
): Promise<RunView> {
  const { output, environment } = terminal;
  const palette = terminalPalette(output, environment);
  const plan = livePlan(order);
  if (hasLiveArea(terminal)) {
    const { LiveView } = await import('./live-view.ts');
    return new LiveView(plan, requests, terminal, palette);
  }
  const view = new LineView(output, palette, plan.isSimulated);
  if (plan.step !== null) view.phase('step', plan.step);
  return view;
}

function livePlan({ scenario, plan, step, targets }: RunOrder): LivePlan {
  const { transport, traffic } = plan.settings;
  return {
    scenario: scenario.name,
    step: step === null ? null : `${step.number} of ${step.of}: ${step.name}`,
    transport,
    isSimulated: TRANSPORTS[transport].isSimulated,
    losesPackets: plan.settings.network !== null,
    messagesPerSecond: traffic.rate,
    sendDelayMicrosMax: sendDelayMicrosMax(scenario.thresholds),
    threads: plan.shape.lanes + (targets === null ? plan.shape.shards : 0),
    ...plannedPhases(plan.settings, plan.online),
  };
}
