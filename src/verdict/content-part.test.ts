import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { contentSection } from '../report/html/run/sections/content-section.ts';
import { contentLines } from '../report/run/lines/content-lines.ts';
import { readFigure } from '../result/read-figure.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { contentPart } from './content-part.ts';
import type { RunRecord } from './record/run-record.ts';
import { type Snapshot, Window } from './record/window.ts';

const SCENARIO = `
name: one
description: one
phones: {count: 100, offline: 0%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B}
`;
const KINDS =
  'content.kinds=[{name: text, share: 75%, payload: 64B}, {name: contact, share: 5%, payload: 300B}, {name: image, share: 20%, payload: 1kB, blob: {median: 90kB, sigma: 0, max: 1MB}}]';

const STORED = { metric: 'content.blobBytesStoredPerSecond', aggregation: 'value', percent: 0 } as const;

function snapshot(atMicros: number, driver: Record<string, number>): Snapshot {
  return { atMicros, driver, switch: {} } as unknown as Snapshot; // it reads nothing else
}

function recordOf(settings: readonly string[], isMeasured = true): RunRecord {
  const before = { kindBlobBytes2: 100e3, blobBytesFetched: 50e3 };
  const after = { kindBlobBytes2: 500e3, blobBytesFetched: 1050e3 };
  return {
    order: { plan: { settings: parseScenario(SCENARIO, 'one.yaml', settings).settings } },
    measured: isMeasured ? { window: new Window(snapshot(0, before), snapshot(2e6, after)) } : null,
    counters: {
      switch: {},
      driver: {
        kindMessages0: 1500,
        kindPayloadBytes0: 96_000,
        kindMessages2: 10,
        kindPayloadBytes2: 12_000,
        kindBlobBytes2: 900_000,
      },
    },
  } as unknown as RunRecord; // it reads nothing else
}

describe('the section of a result about content', () => {
  it('has a row per kind from the whole run, and bytes of blobs per second while measuring', () => {
    assert.deepEqual(contentPart(recordOf([KINDS])), {
      readReceipts: null,
      kinds: [
        { name: 'text', share: 0.75, messages: 1500, payloadBytesMean: 64, blobBytesMean: null },
        { name: 'contact', share: 0.05, messages: 0, payloadBytesMean: null, blobBytesMean: null },
        { name: 'image', share: 0.2, messages: 10, payloadBytesMean: 1200, blobBytesMean: 90_000 },
      ],
      blobBytesStoredPerSecond: 200e3,
      blobBytesFetchedPerSecond: 500e3,
    });
  });

  it('is left out without kinds, and has no rates without a measurement', () => {
    assert.equal(contentPart(recordOf([])), null);
    const part = contentPart(recordOf([KINDS], false));
    assert.deepEqual([part?.blobBytesStoredPerSecond, part?.blobBytesFetchedPerSecond], [null, null]);
    const result = { ...madeResult(), content: part };
    assert.match(contentLines(result).at(-1) ?? '', /what a blob store would carry was not measured/);
  });

  it('is shown in the summary and on the page, and read as a metric', () => {
    const content = contentPart(recordOf([KINDS]));
    const named = content?.kinds.map((one) => ({ ...one, name: `${one.name} <b>` })) ?? [];
    const result = { ...madeResult(), content: content && { ...content, kinds: named } };
    const text = contentLines(result).join('\n');
    for (const fact of [
      'text <b>, 75.0 % of messages: 1,500 acknowledged, payload 64.0 B on average\n',
      'contact <b>, 5.00 % of messages: 0 acknowledged\n',
      'payload 1.17 KiB on average, refers to a blob of 87.9 KiB',
      'a blob store would receive 195 KiB/s and serve 488 KiB/s',
    ])
      assert.ok(text.includes(fact), `${fact} in ${text}`);
    const html = contentSection(result)[0]?.html.text ?? '';
    assert.ok(html.includes('image &lt;b&gt;') && !html.includes('<b>') && html.includes('195 KiB/s'), html);
    assert.equal(readFigure(result, STORED), 200e3);
    assert.equal(readFigure(madeResult(), STORED), null);
    assert.deepEqual([contentLines(madeResult()), contentSection(madeResult())], [[], []]);
  });

  it('says nothing of a blob store if no kind has a blob', () => {
    const content = contentPart(recordOf(['content.kinds=[{name: text, share: 1, payload: 64B}]']));
    assert.equal(contentLines({ ...madeResult(), content }).length, 1);
  });
});

describe('read receipts in the section about content', () => {
  const READS = 'content.readReceipts={share: 40%, after: 2s}';
  const record = (driver: Record<string, number>, ofSwitch: Record<string, number>): RunRecord =>
    ({ ...recordOf([READS]), counters: { driver, switch: ofSwitch } }) as unknown as RunRecord; // it reads nothing else

  it('balance: what was sent was received, or is somewhere with a name, and the rest is lost', () => {
    const part = contentPart(
      record(
        { readsSent: 100, readReceipts: 60, readReceiptsTimed: 20, readReceiptMicros: 5000, readsMissed: 7 },
        {
          reads: 90,
          readReceipts: 64,
          readReceiptsStored: 30,
          readReceiptsQueued: 11,
          readReceiptsUnwanted: 5,
          readReceiptsDropped: 6,
          readReceiptsShed: 8,
        },
      ),
    );
    assert.deepEqual(part?.readReceipts, {
      sent: 100,
      received: 60,
      receivedPerSecond: 0,
      meanMicros: 250,
      missed: 7,
      stored: 30,
      queued: 11,
      unwanted: 5,
      dropped: 6,
      shed: 8,
      lostWithConnections: 2 + 4,
      lost: 4,
    });
    assert.deepEqual(part?.kinds, []);
    const result = { ...madeResult(), content: part };
    const [line, others] = contentLines(result);
    assert.equal(
      line,
      'read receipts: 100 sent, 60 received, 0/s while measuring, 250 µs after reading on average; 4 lost',
    );
    assert.match(others ?? '', /^of read receipts: 7 not sent.*, 6 dropped.*, 8 shed under overload, 6 lost with a/);
    const html = contentSection(result)[0]?.html.text ?? '';
    assert.ok(html.includes('Read receipts') && !html.includes('Kinds of messages'), html);
    const metric = (name: 'content.readReceiptsPerSecond' | 'content.readReceiptsLost') =>
      readFigure(result, { metric: name, aggregation: 'value', percent: 0 });
    assert.deepEqual([metric('content.readReceiptsPerSecond'), metric('content.readReceiptsLost')], [0, 4]);
  });

  it('are one line if nothing happened to them', () => {
    const content = contentPart(record({ readsSent: 9, readReceipts: 9 }, { reads: 9, readReceipts: 9 }));
    assert.deepEqual(contentLines({ ...madeResult(), content }), [
      'read receipts: 9 sent, 9 received, 0/s while measuring; 0 lost',
    ]);
  });
});
