/** What a series of simulations found, as text. */
import type { SimulationReport } from '../../analysis/simulation/simulation-schema.ts';
import { formatCount, formatCountOf, formatMicros, formatShort } from '../../base/units.ts';
import { columns } from '../text/columns.ts';
import type { Palette } from '../text/palette.ts';

const MICROS_PER_SECOND = 1e6;

/** The answer in one sentence, for the first line and for the page. */
export function simulationSentence({ seeds, failedSeeds, firstSeed, failures }: SimulationReport): string {
  const many = seeds === 1 ? `Seed ${firstSeed}` : `${formatCount(seeds)} seeds from ${firstSeed}`;
  if (failedSeeds === 0) return `${many}: all checks passed.`;
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
  return `${formatShort(events)} events, ${formatShort(perSecond)}/s per process; ${virtual} of virtual time in ${elapsed} with ${where}: ${ratioText(ratio)} real time`;
}

export function simulationText(report: SimulationReport, palette: Palette): string {
  const { failedSeeds } = report;
  const sentence = simulationSentence(report);
  const faults = report.faults.filter(({ injected }) => injected > 0);
  return [
    failedSeeds === 0 ? palette.good(sentence) : palette.bad(sentence),
    ...report.failures.map((failure) => palette.bad(`  ${failureLine(failure)}`)),
    '',
    `messages  ${messageCounts(report)}`,
    `checked   ${repeatedSeeds(report)}; ${damagedStores(report)}`,
    `pace      ${simulationPace(report)}`,
    ...(faults.length === 0
      ? ['faults    none']
      : ['faults', ...columns(faults.map(({ kind, injected }) => [`  ${kind}`, formatCount(injected)]))]),
  ].join('\n');
}

/** What became of the messages. */
export function messageCounts({
  messages,
  shown,
  refused,
  waiting,
  open,
  forgotten,
  toGroups,
}: SimulationReport): string {
  return [
    `${formatCount(messages)} sent`,
    `${formatCount(shown)} shown`,
    `${formatCount(refused)} refused`,
    ...(waiting > 0 ? [`${formatCount(waiting)} still in mailboxes`] : []),
    ...(open > 0 ? [`${formatCount(open)} without an answer when a check failed`] : []),
    ...(forgotten > 0 ? [`${formatCount(forgotten)} forgotten by their phones`] : []),
    ...(toGroups > 0 ? [`${formatCount(toGroups)} of those sent were to groups, and shown once for each member`] : []),
  ].join(', ');
}

/** How many seeds were run twice, and whether both runs did the same. */
export function repeatedSeeds({ repeated, differed }: SimulationReport): string {
  const many = `${formatCount(repeated)} ${repeated === 1 ? 'seed' : 'seeds'} run twice`;
  if (repeated === 0) return 'no seed run twice';
  return differed === 0 ? `${many}, with equal digests` : `${many}, ${formatCount(differed)} with different digests`;
}

/** Damage that flipped bits did. */
export function damagedStores({ repairs }: SimulationReport): string {
  return `${formatCount(repairs)} damaged ${repairs === 1 ? 'store' : 'stores'} noticed`;
}

/** One failed seed: what failed, and how to see it. */
export function failureLine(failure: SimulationReport['failures'][number]): string {
  const { seed, check, text, atMicros, drawnFaults, shortestFaults, replay } = failure;
  const at = formatMicros(atMicros);
  const shrunk = shortestFaults === null ? '' : `; ${shortestFaults} of ${formatCountOf(drawnFaults, 'fault')} suffice`;
  const sentence = `seed ${seed}, ${check}, after ${at}${shrunk}: ${text}`;
  return replay === null ? sentence : `${sentence.replace(/\.$/, '')}: trunkline simulate --replay ${replay}`;
}

function ratioText(ratio: number): string {
  return ratio >= 10 ? `${Math.round(ratio)} ×` : `${ratio.toFixed(2)} ×`;
}
