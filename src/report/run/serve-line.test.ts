/** What `serve` prints: its line per interval, and how it stopped. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SWITCH_COUNTERS } from '../../switch/terms/switch-counters.ts';
import { SOCKET_COUNTERS } from '../../transport/socket-counters.ts';
import type { ServiceEnd } from '../../verdict/record/service-figures.ts';
import { notableCounters, serveEndText, serveLine, storeReadingLine, storeReadLine } from './serve-line.ts';

const QUIET: ServiceEnd = {
  ...{ drainedSessions: 1200, cutConnections: 0, queuedMessages: 0, isStored: false },
  counters: {},
  sockets: {},
};

describe('the line of an interval', () => {
  it('has every figure with its unit, and stays in columns', () => {
    const figures = {
      atSeconds: 12.34,
      connections: 1_000_000,
      sessions: 999_999,
      loginsPerSecond: 20_000,
      messagesPerSecond: 412_345,
      queuedMessages: 1500,
      rssBytes: 3 * 2 ** 30,
    };
    const line = serveLine(figures);
    assert.equal(
      line,
      '    12.3 s  1,000,000 connections    999,999 sessions  20.0k logins/s   412k messages/s  1,500 queued  RSS 3.00 GiB',
    );
    const early = serveLine({ ...figures, atSeconds: 1, connections: 3, sessions: 2, loginsPerSecond: 0 });
    assert.equal(early.indexOf('messages/s'), line.indexOf('messages/s'), 'columns do not move');
  });
});

describe('the store of a switch that starts', () => {
  it('says how far it is read, and in the end how many records it had', () => {
    assert.equal(storeReadingLine('mail', 1_200_000), 'Reading the store in mail: 1,200,000 records');
    const read = { folder: 'mail', restoredEntries: 10_000_000, restoreSeconds: 4.217 };
    assert.equal(storeReadLine(read), 'Read 10,000,000 records of the store in mail in 4.22 s');
    assert.equal(storeReadLine({ ...read, restoredEntries: 1 }), 'Read 1 record of the store in mail in 4.22 s');
  });
});

describe('the end of a switch', () => {
  it('without faults is one sentence', () => {
    assert.equal(serveEndText(QUIET), 'Stopped: drained 1,200 sessions; no message is left in a mailbox.');
  });

  it('says what was cut and what is lost', () => {
    assert.equal(
      serveEndText({ ...QUIET, cutConnections: 3, queuedMessages: 4500 }),
      'Stopped: drained 1,200 sessions, cut 3 connections that did not close in time; 4,500 messages are still in ' +
        'mailboxes: only in memory, so lost with this process.',
    );
  });

  it('says that what is stored is not lost, and speaks of one message in the singular', () => {
    const one = serveEndText({ ...QUIET, drainedSessions: 1, queuedMessages: 1 });
    assert.match(one, /drained 1 session; 1 message is still in mailboxes/);
    assert.equal(
      serveEndText({ ...QUIET, queuedMessages: 4500, isStored: true }),
      'Stopped: drained 1,200 sessions; 4,500 messages are still in mailboxes: kept in the store and delivered after the ' +
        'next start.',
    );
  });

  it('lists what happened of note in words, of switch and sockets, and nothing that did not', () => {
    const end = {
      ...QUIET,
      counters: { loginsRefusedToken: 7, heartbeatsMissed: 0, framesIn: 1e6 },
      sockets: { slowReadersClosed: 1200, bytesOut: 5 },
    };
    assert.deepEqual(notableCounters(end), { loginsRefusedToken: 7, slowReadersClosed: 1200 });
    assert.match(serveEndText({ ...QUIET, counters: { untrackedRecords: 3 } }), /of groups that the store keeps .* 3$/);
    const [, ...rows] = serveEndText(end).split('\n');
    assert.deepEqual(
      rows.map((row) => row.trim().replace(/ +/g, ' ')),
      ['logins refused: wrong token 7', 'slow readers closed 1,200'],
    );
  });

  it('knows every counter of a refusal, a violation or a failure that switch and sockets have', () => {
    const counted = [...SWITCH_COUNTERS, ...SOCKET_COUNTERS].filter((name) =>
      /Refused|^rejected|^violations|Failed|Broken$|Missed$|TimedOut$|Unanswered$/.test(name),
    );
    // What a driver counts of its own connects stands in the summary of its run.
    const ofSwitch = counted.filter((name) => !name.startsWith('connects'));
    assert.ok(ofSwitch.length > 15, `${ofSwitch}`);
    const all = Object.fromEntries(ofSwitch.map((name) => [name, 1]));
    assert.deepEqual(Object.keys(notableCounters({ ...QUIET, counters: all })).sort(), ofSwitch.sort());
  });
});
