/**
 * The report of `doctor`: what the machine allows, what a scenario needs, and the commands that close the gap. It fits
 * on one screen, and its first line is the answer.
 */
import { formatBytes, formatCount, formatCountOf, formatShort } from '../../base/units.ts';
import { columns } from '../text/columns.ts';
import type { Palette } from '../text/palette.ts';
import { printable, printableOutcome } from '../text/printable.ts';

const LABEL_CHARACTERS = 14;
const TEXT_CHARACTERS = 100;
/** Parts of memory that are listed one by one; the others are summed up. */
const SHARES_SHOWN = 5;

/** One limit, as checked by a plan. */
export interface DoctorCheck {
  readonly what: string;
  readonly setBy: string;
  readonly unit: 'count' | 'bytes';
  readonly needed: number;
  readonly allowed: number | null;
  readonly verdict: 'ok' | 'refuse' | 'advise' | 'unknown';
  readonly consequence: string;
  readonly commands: readonly string[];
}

/** The machine in a few words. */
export interface DoctorMachine {
  readonly platform: string;
  readonly kernel: string;
  readonly cores: number;
  readonly memoryTotalBytes: number;
  readonly memoryFreeBytes: number | null;
  readonly clocksource: string | null;
}

export interface Diagnosis {
  readonly scenario: string;
  readonly transport: string;
  readonly isSimulated: boolean;
  readonly online: number;
  /** Which ends of the connections are on this machine. */
  readonly ends: string;
  /** The plan, one sentence per line. */
  readonly plan: readonly string[];
  readonly memory: readonly { readonly what: string; readonly bytes: number }[];
  readonly connectionsThatFit: number | null;
  readonly checks: readonly DoctorCheck[];
}

/** What a machine can hold over one transport. */
export interface TransportCapacity {
  readonly transport: string;
  readonly isSimulated: boolean;
  readonly connections: number;
  readonly limitedBy: string | null;
}

/** A limit of the machine, for the overview. */
export interface LimitFigure {
  readonly name: string;
  readonly value: string;
}

/** Whether no check refuses the scenario. */
export function isFitting(diagnosis: Diagnosis): boolean {
  return diagnosis.checks.every((check) => check.verdict !== 'refuse');
}

/** A scenario on this machine. */
export function diagnosisText(machine: DoctorMachine, found: Diagnosis, palette: Palette): string {
  const diagnosis = printableOutcome(found);
  const { scenario, transport, isSimulated, online, ends, checks } = diagnosis;
  const phones = isSimulated ? 'simulated phones, no kernel sockets' : `connections, ${ends}`;
  const problems = checks.filter((check) => check.verdict === 'refuse' || check.verdict === 'advise');
  return [
    `${palette.strong(`trunkline doctor ${scenario}`)} · transport ${transport} · ${formatCount(online)} ${phones}`,
    verdictLine(checks, palette),
    '',
    ...labelled('this machine', [machineLine(machine)]),
    ...labelled('plan', diagnosis.plan),
    ...labelled('memory', memoryLines(diagnosis)),
    '',
    ...checkTable(checks, palette),
    ...(problems.length === 0 ? [] : ['', ...remedies(problems, palette)]),
  ].join('\n');
}

/** The machine without a scenario. */
export function machineText(
  machine: DoctorMachine,
  capacities: readonly TransportCapacity[],
  limits: readonly LimitFigure[],
  palette: Palette,
): string {
  const rows = capacities.map(({ transport, isSimulated, connections, limitedBy }) => [
    transport,
    `${isSimulated ? 'simulated, ' : ''}about ${formatShort(connections)}`,
    limitedBy ?? 'no limit that can be read',
  ]);
  return [
    `${palette.strong('trunkline doctor')}: what this machine allows. Name a scenario to compare it with what the scenario needs.`,
    '',
    ...labelled('this machine', [machineLine(machine)]),
    '',
    ...columns([['connections, both ends on this machine', 'maximum', 'limited by'], ...rows]),
    '',
    ...columns(limits.map(({ name, value }) => [name, printable(value)])),
  ].join('\n');
}

function verdictLine(checks: readonly DoctorCheck[], palette: Palette): string {
  const count = (verdict: DoctorCheck['verdict']): number => checks.filter((check) => check.verdict === verdict).length;
  const [refused, advised, unknown] = [count('refuse'), count('advise'), count('unknown')];
  const notes = [...(advised > 0 ? [`${advised} to note`] : []), ...(unknown > 0 ? [`${unknown} cannot be read`] : [])];
  const more = notes.length === 0 ? '' : `; ${notes.join(', ')}`;
  if (refused > 0) return palette.bad(`NOT OK: ${refused} of ${checks.length} limits would stop the run${more}.`);
  const line = `OK: none of ${checks.length} limits would stop the run${more}.`;
  return notes.length > 0 ? palette.warning(line) : palette.good(line);
}

export function machineLine({
  platform,
  kernel,
  cores,
  memoryTotalBytes,
  memoryFreeBytes,
  clocksource,
}: DoctorMachine): string {
  const free = memoryFreeBytes === null ? 'unknown' : formatBytes(memoryFreeBytes);
  const clock = clocksource === null ? '' : ` · clock ${clocksource}`;
  return printable(
    `${platform} ${kernel} · ${formatCountOf(cores, 'core')} · ${formatBytes(memoryTotalBytes)}, ${free} of it free${clock}`,
  );
}

function memoryLines({ memory, connectionsThatFit, isSimulated }: Diagnosis): string[] {
  const sorted = [...memory].sort((a, b) => b.bytes - a.bytes);
  const others = sorted.slice(SHARES_SHOWN).reduce((sum, share) => sum + share.bytes, 0);
  const shares = sorted.slice(0, SHARES_SHOWN).map(({ what, bytes }) => `${what} ${formatBytes(bytes)}`);
  const things = isSimulated ? 'simulated phones' : 'connections';
  return [
    [...shares, ...(others > 0 ? [`others ${formatBytes(others)}`] : [])].join(' · '),
    ...(connectionsThatFit === null ? [] : [`about ${formatShort(connectionsThatFit)} ${things} would fit`]),
  ];
}

function checkTable(checks: readonly DoctorCheck[], palette: Palette): string[] {
  const lines = columns([
    ['', 'needed', 'allowed'],
    ...checks.map((check) => [
      `${MARKS[check.verdict]} ${check.what} (${check.setBy})`,
      figure(check.needed, check.unit),
      check.allowed === null ? 'unknown' : figure(check.allowed, check.unit),
    ]),
  ]);
  const [head = '', ...rows] = lines;
  return [head, ...rows.map((row, i) => colour(checks[i]?.verdict ?? 'ok', palette)(row))];
}

const MARKS: Readonly<Record<DoctorCheck['verdict'], string>> = { ok: '✓', refuse: '✗', advise: '!', unknown: '?' };

/** The problems, and the commands that solve them; a command that solves several is printed once. */
function remedies(problems: readonly DoctorCheck[], palette: Palette): string[] {
  const byCommands = new Map<string, DoctorCheck[]>();
  for (const problem of problems) {
    const commands = problem.commands.join('\n');
    byCommands.set(commands, [...(byCommands.get(commands) ?? []), problem]);
  }
  return [...byCommands.values()].flatMap((alike) => [
    ...alike.map(({ verdict, what, consequence }) =>
      colour(verdict, palette)(`${MARKS[verdict]} ${what}: ${consequence}.`),
    ),
    ...(alike[0]?.commands ?? []).map((command) => `    ${command}`),
  ]);
}

function colour(verdict: DoctorCheck['verdict'], palette: Palette): (text: string) => string {
  if (verdict === 'refuse') return (text) => palette.bad(text);
  return verdict === 'ok' ? (text) => text : (text) => palette.warning(text);
}

function figure(value: number, unit: DoctorCheck['unit']): string {
  if (!Number.isFinite(value)) return 'no limit';
  return unit === 'bytes' ? formatBytes(value) : formatCount(value);
}

function labelled(label: string, texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => wrapped(text, TEXT_CHARACTERS - LABEL_CHARACTERS))
    .map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL_CHARACTERS)}${line}`);
}

/** Wraps text at word boundaries to lines of at most `width` characters. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
