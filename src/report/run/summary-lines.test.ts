/** The lines of a run's summary, one by one: what is said where something failed, was not measured, or is elsewhere. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';
import type { GroupBalance } from '../../result/sections/groups-schema.ts';
import { type Palette, PLAIN } from '../text/palette.ts';
import { groupResult } from './group-result.test-suite.ts';
import { summarize } from './summarize.ts';

const MADE = madeResult();
const SOUND = { ...MADE, validity: { ...MADE.validity, guards: [] } };
/** Shows which colour a text has. */
const NAMED: Palette = {
  strong: (text) => `<strong>${text}</strong>`,
  good: (text) => `<good>${text}</good>`,
  bad: (text) => `<bad>${text}</bad>`,
  warning: (text) => `<warning>${text}</warning>`,
  faint: (text) => `<faint>${text}</faint>`,
};

function linesOf(changes: Partial<Result>, palette: Palette = PLAIN, path: string | null = null): string[] {
  return summarize({ ...SOUND, ...changes }, path, palette).split('\n');
}

/** The lines under a label, without it. */
function under(label: string, changes: Partial<Result>, palette: Palette = PLAIN): string[] {
  const lines = linesOf(changes, palette);
  const start = lines.findIndex((line) => line.startsWith(label.padEnd(13)));
  assert.ok(start >= 0, `no line ${label}`);
  const next = lines.findIndex((line, n) => n > start && !line.startsWith(' '));
  return lines.slice(start, next < 0 ? undefined : next).map((line) => line.slice(13));
}

const threshold = (change: Partial<Result['thresholds'][number]>): Result['thresholds'][number] => ({
  metric: 'latency.delivery',
  expression: 'p(99)<5ms',
  figure: 2000,
  isMore: false,
  passed: true,
  reason: null,
  ...change,
});
const ended = (change: Partial<Result['validity']>): Partial<Result> => ({
  validity: { ...SOUND.validity, isComplete: false, isValid: false, ...change },
});

describe('the first lines of a summary', () => {
  const verdicts: [what: string, changes: Partial<Result>, line: string][] = [
    ['nothing was asked for', {}, '<good>VALID, no thresholds.</good>'],
    ['all passed', { thresholds: [threshold({}), threshold({})] }, '<good>VALID, 2 of 2 thresholds passed.</good>'],
    [
      'one did not pass',
      { thresholds: [threshold({}), threshold({ passed: false })] },
      '<bad>VALID, 1 of 2 thresholds FAILED.</bad>',
    ],
    [
      'a side failed, whatever the thresholds say',
      { ...ended({ ended: 'failed', failure: 'shard-0 threw.' }), thresholds: [threshold({ passed: false })] },
      '<bad>FAILED: shard-0 threw. The figures below are partial and not valid.</bad>',
    ],
    [
      'memory ran short',
      ended({ ended: 'reserve', failure: 'free memory fell to the reserve.' }),
      '<warning>STOPPED: free memory fell to the reserve. The figures below are partial and not valid.</warning>',
    ],
    [
      'somebody pressed Ctrl-C',
      ended({ ended: 'interrupted' }),
      '<warning>INTERRUPTED: the figures below are partial and not valid.</warning>',
    ],
  ];
  for (const [what, changes, line] of verdicts)
    it(`say that ${what}`, () => assert.equal(linesOf(changes, NAMED)[1], line));

  it('say what the connections are, and how sockets were held', () => {
    assert.equal(
      linesOf({})[0],
      'trunkline made · transport memory · simulated: phones are rows in memory, no kernel sockets',
    );
    const tcp = { ...MADE.scenario, transport: 'tcp', isSimulated: false };
    const held = (hold: 'rings' | 'descriptors' | null): string | undefined =>
      linesOf({ scenario: tcp, sockets: { hold, endsHere: 2, kernel: { source: 'slabs' } } as Result['sockets'] })[0]; // no other key is read
    assert.equal(held('rings'), 'trunkline made · transport tcp · sockets in tables of io_uring');
    assert.equal(held('descriptors'), 'trunkline made · transport tcp · one descriptor per socket');
    assert.equal(held(null), 'trunkline made · transport tcp');
  });

  it('are followed by the place of the result at the end', () => {
    assert.equal(linesOf({}, PLAIN, 'results/a/result.json').at(-1), 'result       results/a/result.json');
    assert.equal(linesOf({}).at(-1), 'result       not kept');
  });
});

describe('the line of connections', () => {
  it('has what is held, wanted and failed, with each cause in words', () => {
    assert.deepEqual(under('connections', {}), ['1,000,000 held of 1,000,000 wanted, peak 1,000,000; 0 failed']);
    const failed = { ...MADE.connections.failed, refused: 1200, loginTimedOut: 3 };
    const driver = { connectsFailedRefused: 1200, loginsRefusedToken: 0, messagesSent: 5 };
    assert.deepEqual(
      under('connections', {
        connections: { ...MADE.connections, held: 900, failed },
        counters: { ...MADE.counters, driver, driverSockets: { handshakesFailed: 2 } },
      }),
      [
        '900 held of 1,000,000 wanted, peak 1,000,000; 1,203 failed: refused 1,200, login timed out 3',
        'causes: connects failed refused 1,200, handshakes failed 2',
      ],
    );
  });
});

describe('the lines of throughput', () => {
  it('say of each rate that was not measured that it was not', () => {
    assert.deepEqual(under('throughput', {}), [
      '100k complete messages/s (sent, ✓, delivered, confirmed, ✓✓), over 15.0 s',
      '100k offered/s, 100k delivered/s, 600k frames/s, 20.0k logins/s in the ramp',
    ]);
    const nothing = Object.fromEntries(Object.keys(MADE.throughput).map((key) => [key, null]));
    assert.deepEqual(under('throughput', { throughput: nothing as Result['throughput'] }), [
      'complete messages not measured (sent, ✓, delivered, confirmed, ✓✓)',
      'offered not measured, delivered not measured, frames not measured, logins not measured in the ramp',
    ]);
  });

  it('leave out the frames of a switch that is elsewhere', () => {
    const [, rates] = under('throughput', { integrity: { ...MADE.integrity, queued: null } });
    assert.equal(rates, '100k offered/s, 100k delivered/s, 20.0k logins/s in the ramp');
  });
});

describe('the lines of integrity', () => {
  const of = (change: Partial<Result['integrity']>): string[] =>
    under('integrity', { integrity: { ...MADE.integrity, ...change } });

  it('balance, or say that nothing was checked', () => {
    assert.deepEqual(of({}), [
      '1,000 sent = 1,000 delivered + 0 queued + 0 rejected',
      'lost 0, duplicated 0, reordered 0, corrupted 0',
    ]);
    assert.deepEqual(of({ isSound: null, sent: 1500, delivered: 1200 }), [
      '1,500 sent, 1,200 delivered; not checked, the run or its drain ended before all messages were answered',
    ]);
  });

  it('say what was lost in groups, or that it is not known, and of how many', () => {
    const { groups } = groupResult().integrity;
    assert.ok(groups !== null);
    const lost = (change: Partial<GroupBalance>): string => of({ groups: { ...groups, ...change } })[1] ?? '';
    assert.match(lost({}), /^lost 0, in groups 0, duplicated 0/);
    assert.match(lost({ untold: 12 }), /^lost 0, in groups not known \(all recipients of 12 messages\), duplicated/);
    assert.match(lost({ maybeRejected: 5 }), /, in groups not known \(5 recipients\), /);
    const elsewhere = { queued: null, rejected: null, delivered: 990, lost: null };
    assert.match(lost(elsewhere), /, in groups not known \(10 recipients\), /);
    assert.match(lost({ ...elsewhere, delivered: 1000, lost: 0 }), /, in groups 0, /);
  });

  it('say how much of the order was checked, unless it was all of it', () => {
    assert.equal(of({ orderCheckedShare: 1 }).length, 2);
    assert.match(
      of({ orderCheckedShare: 0.083 })[2] ?? '',
      /^order checked for 8.30 % of messages.*probability of 8.30 %/,
    );
  });

  it('claim no more than is known of a switch elsewhere', () => {
    assert.deepEqual(of({ queued: null, forOffline: 0, lost: 2, duplicated: 1 }), [
      '1,000 sent = 1,000 delivered + 0 rejected + 0 for phones that stay offline',
      'the mailboxes of the switch cannot be read: judged only by what the driver knows',
      'known lost 2, duplicated 1, reordered 0, corrupted 0',
    ]);
  });
});

describe('the lines of guards and thresholds', () => {
  const guard = (name: string, verdict: Result['validity']['guards'][number]['verdict']) => ({
    name,
    verdict,
    figure: 1,
    limit: 0,
    sentence: `what ${name} found`,
  });

  it('count the guards that hold, and name those that do not, the worst first', () => {
    const guards = [
      guard('halves', 'unknown'),
      guard('ramp', 'ok'),
      guard('backlog', 'warning'),
      guard('swapping', 'invalid'),
    ];
    assert.deepEqual(under('validity', { validity: { ...SOUND.validity, guards } }, NAMED), [
      '1 of 4 guards hold',
      '<bad>tripped: swapping: what swapping found</bad>',
      '<warning>note: halves: what halves found</warning>',
      '<warning>note: backlog: what backlog found</warning>',
    ]);
  });

  it('say what was found, more than which it was, or why nothing was', () => {
    const thresholds = [
      threshold({}),
      threshold({ passed: false, figure: 7000 }),
      threshold({ passed: false, figure: 268e6, isMore: true }),
      threshold({ passed: false, figure: null, reason: 'too few samples' }),
      threshold({ passed: false, figure: null }),
    ];
    const start = 'latency.delivery p(99)<5ms:';
    assert.deepEqual(under('thresholds', { thresholds }, NAMED), [
      `✓ ${start} found 2.00 ms`,
      `<bad>✗ ${start} found 7.00 ms</bad>`,
      `<bad>✗ ${start} found >268 s</bad>`,
      `<bad>✗ ${start} too few samples</bad>`,
      `<bad>✗ ${start} not measured</bad>`,
    ]);
    assert.deepEqual(under('thresholds', {}), ['none']);
  });
});
