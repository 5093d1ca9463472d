/** The report of `doctor` for a scenario with steps: one line per step. */
import { formatBytes, formatCount, formatCountOf } from '../../base/units.ts';
import { MEMORY_LIMIT } from '../../plan/sockets/plan-check.ts';
import { columns } from '../text/columns.ts';
import type { Palette } from '../text/palette.ts';
import { printable, printableOutcome } from '../text/printable.ts';
import { type Diagnosis, type DoctorMachine, isFitting, machineLine } from './diagnosis-text.ts';

export interface DiagnosedStep {
  readonly name: string;
  readonly diagnosis: Diagnosis;
}

/** The steps of one scenario on this machine. @param notes what holds for all of them, a line each. */
export function stepsDiagnosisText(
  machine: DoctorMachine,
  found: readonly DiagnosedStep[],
  notes: readonly string[],
  palette: Palette,
): string {
  const steps = printableOutcome(found);
  const scenario = steps[0]?.diagnosis.scenario ?? '';
  const refused = steps.filter(({ diagnosis }) => !isFitting(diagnosis));
  const [first] = refused;
  const [head = '', ...rows] = columns([
    ['step', 'transport', 'connections', 'threads', 'memory needed', 'free', 'not met'],
    ...steps.map(cells),
  ]);
  return [
    `${palette.strong(`trunkline doctor ${scenario}`)} · ${formatCountOf(steps.length, 'step')}, each a separate run`,
    first === undefined
      ? palette.good(
          steps.length === 1 ? 'OK: the step fits this machine.' : `OK: all ${steps.length} steps fit this machine.`,
        )
      : palette.bad(
          `NOT OK: ${refused.length} of ${steps.length} steps ${refused.length === 1 ? 'does' : 'do'} not fit; a series would end before ${first.name}.`,
        ),
    '',
    machineLine(machine),
    ...notes.map(printable),
    '',
    head,
    ...rows.map((row, i) => (refused.some((step) => step === steps[i]) ? palette.bad(row) : row)),
    ...(first === undefined ? [] : ['', `Commands that help: trunkline doctor ${scenario} --step ${first.name}`]),
  ].join('\n');
}

function cells({ name, diagnosis }: DiagnosedStep): string[] {
  const { transport, isSimulated, online, checks } = diagnosis;
  const memory = checks.find((check) => check.what === MEMORY_LIMIT);
  const threads = checks.find((check) => check.what === 'threads');
  const refused = checks.filter((check) => check.verdict === 'refuse').map((check) => check.what);
  return [
    `${isFitting(diagnosis) ? '✓' : '✗'} ${name}`,
    `${transport}${isSimulated ? ', simulated' : ''}`,
    formatCount(online),
    threads === undefined ? '–' : formatCount(threads.needed),
    memory === undefined ? '–' : formatBytes(memory.needed),
    memory?.allowed === null || memory === undefined ? 'unknown' : formatBytes(memory.allowed),
    refused.join(', '),
  ];
}
