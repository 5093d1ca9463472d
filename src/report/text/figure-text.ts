/** Figures of a result as text. One that was not measured says so, or is a dash where a column has no room. */
import { formatBytes, formatLatency, formatShort } from '../../base/units.ts';

/** In place of a figure in a column of figures. */
export const NOTHING = '–';
const NOT_MEASURED = 'not measured';

/** A rate: `1.2k/s`. */
export function rateText(perSecond: number | null): string {
  return perSecond === null ? NOT_MEASURED : `${formatShort(perSecond)}/s`;
}

/** A rate with what it counts: `1.2k deliveries/s`. */
export function rateOfText(perSecond: number | null, what: string): string {
  return perSecond === null ? `${what} ${NOT_MEASURED}` : `${formatShort(perSecond)} ${what}/s`;
}

/** A rate of bytes: `23.5 MiB/s`. */
export function byteRateText(bytesPerSecond: number | null): string {
  return bytesPerSecond === null ? NOT_MEASURED : `${formatBytes(bytesPerSecond)}/s`;
}

/** A latency in a column: `1.20 ms`, `>268 s`, or a dash. */
export function latencyText(micros: number | null, rangeMicros: number): string {
  return micros === null ? NOTHING : formatLatency(micros, rangeMicros);
}

/** The name of a field as words: `loginTimedOut` as `login timed out`. */
export function fieldText(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
