/** The output of `serve`: one line per interval, and at the end a table of errors and other notable events. */
import { formatBytes, formatCount, formatCountOf, formatShort } from '../../base/units.ts';
import type { ServiceEnd, ServiceInterval } from '../../verdict/record/service-figures.ts';
import { columns } from '../text/columns.ts';

/** Counters that are reported if they are not 0, in words. */
const NOTABLE: Readonly<Record<string, string>> = {
  loginsRefusedVersion: 'logins refused: protocol version',
  loginsRefusedToken: 'logins refused: wrong token',
  loginsRefusedAccount: 'logins refused: number not served',
  loginsRefusedBusy: 'logins refused: busy',
  loginsTimedOut: 'connections that did not log in in time',
  sessionsReplaced: 'sessions replaced by another login',
  heartbeatsMissed: 'sessions ended: heartbeat missed',
  rejectedMailboxFull: 'messages refused: mailbox full',
  rejectedStoreFull: 'messages refused: store full',
  rejectedRecipientUnknown: 'messages refused: recipient not served',
  rejectedIdTooOld: 'messages refused: id too old',
  rejectedTooManyUnanswered: 'messages refused: too many unanswered',
  rejectedNotMember: 'messages refused: not a member of the group',
  rejectedGroupFull: 'joins refused: group full',
  rejectedPayloadTooLong: 'messages refused: too long for a group',
  rejectedRecipientIsSender: 'messages refused: to their sender',
  loginsRefusedOverloaded: 'overload: logins refused',
  rejectedOverloaded: 'overload: messages refused',
  readReceiptsShed: 'overload: read receipts dropped',
  readReceiptsDropped: 'read receipts dropped: mailbox or store full',
  watchesRefused: 'subscriptions to presence refused: too many, or a wrong number',
  typingRefused: 'typing refused: a wrong number',
  readsRefused: 'read receipts refused: a wrong number',
  questionsTimedOut: 'questions between shards not answered in time',
  violationsMalformed: 'violations: malformed frame',
  violationsUnknownFrame: 'violations: unknown or misdirected frame',
  violationsLoginExpected: 'violations: login expected',
  violationsLoginRepeated: 'violations: login repeated',
  violationsPartialFrames: 'violations: too many incomplete frames',
  acceptsRefusedTableFull: 'connections refused: table full (--connections)',
  acceptsFailedDescriptors: 'accepts failed: file descriptors',
  acceptsFailedMemory: 'accepts failed: kernel memory',
  acceptsFailedOther: 'accepts failed: other',
  handshakesFailed: 'handshakes failed (TLS or WebSocket)',
  connectionsBroken: 'connections broken',
  slowReadersClosed: 'slow readers closed',
  outputPoolFullClosed: 'connections closed: output memory full',
  untrackedRecords: 'records of groups that the store keeps for ever (trunkline store check says why)',
  closesUnanswered: 'closes that the peer did not answer',
};

/** The store of a switch, which it has read back. */
export interface StoreRead {
  readonly folder: string;
  readonly restoredEntries: number;
  readonly restoreSeconds: number;
}

/** While the store is read. */
export function storeReadingLine(folder: string, entries: number): string {
  return `Reading the store in ${folder}: ${formatCountOf(entries, 'record')}`;
}

export function storeReadLine({ folder, restoredEntries, restoreSeconds }: StoreRead): string {
  return `Read ${formatCountOf(restoredEntries, 'record')} of the store in ${folder} in ${restoreSeconds.toFixed(2)} s`;
}

export function serveLine(figures: ServiceInterval): string {
  return [
    `${figures.atSeconds.toFixed(1).padStart(8)} s`,
    inColumns(figures.connections, 'connection'),
    inColumns(figures.sessions, 'session'),
    `${formatShort(figures.loginsPerSecond).padStart(5)} logins/s`,
    `${formatShort(figures.messagesPerSecond).padStart(5)} messages/s`,
    `${formatCount(figures.queuedMessages)} queued`,
    `RSS ${formatBytes(figures.rssBytes)}`,
  ].join('  ');
}

/** A count with its noun, as wide in the singular as in the plural. */
function inColumns(count: number, noun: string): string {
  return `${formatCount(count).padStart(9)} ${(count === 1 ? noun : `${noun}s`).padEnd(noun.length + 1)}`;
}

/** How the switch stopped, and a table of the notable counters. */
export function serveEndText(end: ServiceEnd): string {
  const { drainedSessions, cutConnections, queuedMessages, isStored } = end;
  const where = isStored
    ? 'kept in the store and delivered after the next start'
    : 'only in memory, so lost with this process';
  const cut =
    cutConnections === 0 ? '' : `, cut ${formatCountOf(cutConnections, 'connection')} that did not close in time`;
  const queued =
    queuedMessages === 0
      ? 'no message is left in a mailbox'
      : `${formatCountOf(queuedMessages, 'message is', 'messages are')} still in mailboxes: ${where}`;
  const rows = Object.entries(notableCounters(end)).map(([name, count]) => [NOTABLE[name] ?? name, formatCount(count)]);
  return [
    `Stopped: drained ${formatCountOf(drainedSessions, 'session')}${cut}; ${queued}.`,
    ...(rows.length === 0 ? [] : columns(rows)),
  ].join('\n');
}

/** Notable counters that are not 0. */
export function notableCounters({ counters, sockets }: ServiceEnd): Record<string, number> {
  const all = { ...counters, ...sockets };
  return Object.fromEntries(
    Object.keys(NOTABLE)
      .map((name): [string, number] => [name, all[name] ?? 0])
      .filter(([, count]) => count > 0),
  );
}
