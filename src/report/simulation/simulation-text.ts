/** What a series of simulations found, as text. */
import type { SimulationReport } from '../../analysis/simulation/simulation-schema.ts';
import { formatCount, formatMicros, formatShort } from '../../base/units.ts';
import { columns } from '../text/columns.ts';
import type { Palette } from '../text/palette.ts';

const MICROS_PER_SECOND = 1e6;

/** The answer in one sentence, for the first line and for the page. */
export function simulationSentence({ seeds, failedSeeds, firstSeed, failures }: SimulationReport): string {
  const many = seeds === 1 ? `Seed ${firstSeed}` : `${formatCount(seeds)} seeds from ${firstSeed}`;
  if (failedSeeds === 0) return `${many}: every check passed.`;
  if (seeds === 1) return `${many} failed: ${failures[0]?.text ?? ''}`;
  return `${many}: ${formatCount(failedSeeds)} failed.`;
}

/** How fast it was: events per second of processor time, and virtual time per real time. */
export function simulationPace(report: SimulationReport): string {
  const { events, processorSeconds, virtualSeconds, elapsedSeconds, processes } = report;
  const perSecond = processorSeconds > 0 ? events / processorSeconds : 0;
  const ratio = elapsedSeconds > 0 ? virtualSeconds / elapsedSeconds : 0;
  const virtual = formatMicros(virtualSeconds * MICROS_PER_SECOND);
  const elapsed = formatMicros(elapsedSeconds * MICROS_PER_SECOND);
  const where = processes === 1 ? 'one process' : `${processes} processes`;
  return `${formatShort(events)} events, ${formatShort(perSecond)}/s per thread; ${virtual} of virtual time in ${elapsed} in ${where}: ${ratioText(ratio)} real time`;
}

export function simulationText(report: SimulationReport, palette: Palette): string {
  const { failedSeeds, messages, shown, refused, repairs, repeated } = report;
  const sentence = simulationSentence(report);
  const faults = report.faults.filter(({ injected }) => injected > 0);
  return [
    failedSeeds === 0 ? palette.good(sentence) : palette.bad(sentence),
    ...report.failures.map((failure) => palette.bad(`  ${failureLine(failure)}`)),
    '',
    `messages  ${formatCount(messages)} sent, ${formatCount(shown)} shown, ${formatCount(refused)} refused`,
    `checked   ${formatCount(repeated)} seeds twice, with equal digests; ${formatCount(repairs)} damaged stores noticed`,
    `pace      ${simulationPace(report)}`,
    ...(faults.length === 0
      ? ['faults    none']
      : ['faults', ...columns(faults.map(({ kind, injected }) => [`  ${kind}`, formatCount(injected)]))]),
  ].join('\n');
}

/** One failed seed: what failed, and how to see it. */
export function failureLine(failure: SimulationReport['failures'][number]): string {
  const { seed, check, text, atMicros, drawnFaults, shortestFaults, replay } = failure;
  const at = formatMicros(atMicros);
  const shrunk = shortestFaults === null ? '' : `; ${shortestFaults} of ${drawnFaults} faults suffice`;
  const file = replay === null ? '' : `: trunkline simulate --replay ${replay}`;
  return `seed ${seed}, ${check}, after ${at}${shrunk}: ${text}${file}`;
}

function ratioText(ratio: number): string {
  return ratio >= 10 ? `${Math.round(ratio)} ×` : `${ratio.toFixed(2)} ×`;
}
