/**
 * Parses and formats numbers with units: `1M`, `250k/s`, `1h30m`, `64KiB`.
 *
 * Parsers return null for text that they do not understand; the caller knows where the text came from and reports what
 * was expected. A memory size needs a unit: 65 kB must not be mistaken for 65 B.
 */

const COUNT = /^(\d[\d_]*(?:\.\d+)?)\s*([kKmMgG]?)$/;
const COUNT_FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
const DURATION_PART = /(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)/g;
const MICROS_BY_UNIT: Readonly<Record<string, number>> = {
  us: 1,
  µs: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  h: 3600e6,
};
const BYTES = /^(\d[\d_]*(?:\.\d+)?)\s*(B|kB|MB|GB|KiB|MiB|GiB)$/;
const BYTES_BY_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** A count: `1M`, `2_000_000`, `1.5k`, 17; null if the text is not one. */
export function parseCount(text: string | number): number | null {
  if (typeof text === 'number') return Number.isFinite(text) && text >= 0 ? text : null;
  const match = COUNT.exec(text.trim());
  if (match === null) return null;
  const [, digits = '', suffix = ''] = match;
  return Number(digits.replaceAll('_', '')) * (COUNT_FACTORS[suffix.toLowerCase()] ?? Number.NaN);
}

/** Events per second: `250k`, `250k/s`; null if the text is not a rate. */
export function parseRate(text: string | number): number | null {
  return parseCount(typeof text === 'string' ? text.replace(/\s*\/\s*s$/, '') : text);
}

/** A duration in microseconds: `10s`, `1h30m`, `250ms`, `20us`, or a bare 0; null if the text is not one. */
export function parseDurationMicros(text: string | number): number | null {
  const trimmed = String(text).trim();
  if (trimmed === '0') return 0;
  let micros = 0;
  let read = 0;
  for (const [part, digits = '', unit = ''] of trimmed.matchAll(DURATION_PART)) {
    micros += Number(digits) * (MICROS_BY_UNIT[unit] ?? Number.NaN);
    read += part.length;
  }
  return read > 0 && read === trimmed.length ? micros : null;
}

/** A size in bytes: `64B`, `1MiB`, `1.5GB`; null if the text is not one, or has no unit. */
export function parseBytes(text: string | number): number | null {
  const match = BYTES.exec(String(text).trim());
  if (match === null) return null;
  const [, digits = '', unit = ''] = match;
  return Number(digits.replaceAll('_', '')) * (BYTES_BY_UNIT[unit] ?? Number.NaN);
}

/** Three significant digits, without an exponent. */
function significant(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 100 || magnitude === 0) return value.toFixed(0);
  return value.toFixed(magnitude >= 10 ? 1 : magnitude >= 0.995 ? 2 : 3);
}

/** Rounds down to two significant digits, for suggested values. */
export function roundDown(value: number): number {
  if (value < 1) return 0;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.floor(value / unit) * unit;
}

/** An integer with thousands separators: `1,000,000`. */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count with its noun: `1 seed`, `2,000 seeds`. @param plural if it is not the noun with an s. */
export function formatCountOf(value: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(value)} ${Math.round(value) === 1 ? noun : plural}`;
}

/** A rate or count in three significant digits: `412k`, `1.03M`. */
export function formatShort(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 999.5e6) return `${significant(value / 1e9)}G`;
  if (magnitude >= 999.5e3) return `${significant(value / 1e6)}M`;
  if (magnitude >= 999.5) return `${significant(value / 1e3)}k`;
  return significant(value);
}

/** A duration: `850 µs`, `1.20 ms`, `3.5 s`. */
export function formatMicros(micros: number): string {
  if (!Number.isFinite(micros)) return 'never';
  const magnitude = Math.abs(micros);
  if (magnitude < 999.5) return `${significant(micros)} µs`;
  if (magnitude < 999.5e3) return `${significant(micros / 1e3)} ms`;
  return `${significant(micros / 1e6)} s`;
}

/** A latency, or `>268 s` if it is above the range of its histogram. */
export function formatLatency(micros: number, rangeMicros: number): string {
  return micros < rangeMicros ? formatMicros(micros) : `>${formatMicros(rangeMicros)}`;
}

/** A size: `40 B`, `23.5 MiB`. */
export function formatBytes(bytes: number): string {
  const magnitude = Math.abs(bytes);
  if (magnitude < 1023.5) return `${significant(bytes)} B`;
  if (magnitude < 2 ** 20) return `${significant(bytes / 2 ** 10)} KiB`;
  if (magnitude < 2 ** 30) return `${significant(bytes / 2 ** 20)} MiB`;
  return `${significant(bytes / 2 ** 30)} GiB`;
}

/** A share as a percentage: `37.9 %`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(Math.abs(share) < 0.1 ? 2 : 1)} %`;
}
