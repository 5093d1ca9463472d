/** One line per interval of a run, for logs and for the live view. */
import { formatBytes, formatCount, formatMicros, formatShort } from '../../base/units.ts';

export interface ProgressFigures {
  readonly atSeconds: number;
  readonly phase: string;
  readonly held: number;
  readonly loginsPerSecond: number;
  readonly messagesPerSecond: number;
  readonly deliveryP99Micros: number | null;
  readonly backlogMessages: number;
  readonly rssBytes: number;
}

export function progressLine(figures: ProgressFigures, isSimulated: boolean): string {
  const { deliveryP99Micros: p99 } = figures;
  return [
    `${figures.atSeconds.toFixed(1).padStart(6)} s`,
    figures.phase.padEnd(8),
    `${formatCount(figures.held).padStart(11)} ${isSimulated ? 'simulated ' : ''}phones`,
    `${formatShort(figures.loginsPerSecond).padStart(5)} logins/s`,
    `${formatShort(figures.messagesPerSecond).padStart(5)} messages/s`,
    `delivery p99 ${p99 === null ? '–' : formatMicros(p99)}`,
    ...(figures.backlogMessages >= 1000 ? [`${formatShort(figures.backlogMessages)} late`] : []),
    `RSS ${formatBytes(figures.rssBytes)}`,
  ].join('  ');
}
