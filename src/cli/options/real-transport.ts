/**
 * What `best-real` is on the machine of this process: found out once, and only if a scenario asks for it. The commands
 * that run scenarios say it in one line; a result names the transport that it had, like any other.
 */
import { type BestReal, bestReal } from '../../plan/sockets/best-real.ts';
import { thisMachine } from '../../run/phases/order/this-machine.ts';
import { type ChooseReal, parseScenario, type Scenario } from '../../scenario/scenario.ts';
import { sayOnStderr } from './stream-options.ts';

let found: BestReal | null = null;

/** What `best-real` is here. */
export const realTransport: ChooseReal = () => {
  found ??= bestReal(thisMachine());
  return found.transport;
};

/** Which transport was taken and why, in one line; null if no scenario of this command asked for it. */
export function realTransportSentence(): string | null {
  return found?.sentence ?? null;
}

/** Says on stderr which transport was taken, if a scenario asked for it. */
export function sayRealTransport(isQuiet: boolean): void {
  if (found !== null && !isQuiet) sayOnStderr(`note: ${found.sentence}`);
}

/**
 * Parses a scenario that other processes will run.
 * @returns also the settings for them: with the transport that was taken here, so that the runs of a series cannot
 *   differ.
 * @throws what {@link parseScenario} throws.
 */
export function parseForOthers(
  text: string,
  file: string,
  settings: readonly string[],
): { readonly scenario: Scenario; readonly settings: readonly string[] } {
  const chosen: string[] = [];
  const scenario = parseScenario(text, file, settings, () => {
    chosen.push(`transport=${realTransport()}`);
    return realTransport();
  });
  return { scenario, settings: [...settings, ...chosen] };
}
