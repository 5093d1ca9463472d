/** Faults of the switch on the page of a run: times to recover, one row for each fault. */
import { formatCount } from '../../../../base/units.ts';
import type { Result } from '../../../../result/result-schema.ts';
import { faultCost, returnOf } from '../../../run/disturbances/fault-lines.ts';
import { secondsOf } from '../../../run/disturbances/storm-lines.ts';
import { table } from '../../chart-table.ts';
import { markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { noteList } from '../../sentence-list.ts';

/** One section, or none if the scenario declares no fault. */
export function faultsSection(result: Result): PageSection[] {
  const { faults } = result;
  if (faults.length === 0) return [];
  const titles = [
    'fault',
    'at',
    'sessions',
    'listening after',
    'of which the store',
    'records read back',
    '50 % of sessions back',
    '90 %',
    '99 %',
    'first ✓',
  ];
  const rows = faults.map((fault, place) => {
    const back = (seconds: number | null): string => returnOf(seconds, place === faults.length - 1);
    const sessions = [fault.back50Seconds, fault.back90Seconds, fault.back99Seconds];
    return [
      fault.what,
      `${fault.atSeconds.toFixed(1)} s`,
      formatCount(fault.sessions),
      fault.isKill ? secondsOf(fault.presentSeconds) : '–',
      fault.restoreSeconds === null ? '–' : secondsOf(fault.restoreSeconds),
      fault.restoredEntries === null ? '–' : formatCount(fault.restoredEntries),
      ...sessions.map((seconds) => (fault.sessions === 0 ? '–' : back(seconds))),
      back(fault.acknowledgedSeconds),
    ];
  });
  const notes = [
    `Messages: ${faultCost(result)}.`,
    'Times count from the fault. After a kill every session is a new one. Intervals from a fault until 99 % of the sessions are back are not compared with the intended load.',
  ];
  return [{ id: 'faults', title: 'Faults', html: markup`${table('Faults', titles, rows)}\n${noteList(notes)}` }];
}
