import assert from 'node:assert/strict';
import { it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import { platformsSection } from '../../html/run/sections/platforms-section.ts';
import { platformLines } from './platform-lines.ts';

const MADE = madeResult();
const LATENCY = MADE.latency.delivery;
const ONE = {
  name: 'Nokia <S40>',
  share: 0.06,
  protocol: '1.0',
  connections: 60,
  sessions: 1234,
  pushes: 40,
  woken: 38,
  messagesSent: 500,
  messagesDelivered: 480,
  delivery: { ...LATENCY, count: 400, p50Micros: 900, p99Micros: 2000 },
  storedDelivery: { ...LATENCY, count: 5, p50Micros: null, p99Micros: null },
};

it('says what the phones of each platform did, and nothing without platforms', () => {
  assert.deepEqual(platformLines({ ...MADE, platforms: [ONE] }), [
    'Nokia <S40>, 6.00 % of phones, protocol 1.0: 60 online, 1,234 sessions (38 after a push of 40), 500 messages sent, 480 delivered; ' +
      'to phones online p50 900 µs, p99 2.00 ms; that waited too few',
  ]);
  assert.deepEqual(platformLines(MADE), []);
  assert.deepEqual(platformsSection(MADE), []);
  const html = platformsSection({ ...MADE, platforms: [ONE] })[0]?.html.text ?? '';
  assert.ok(html.includes('Nokia &lt;S40&gt;') && html.includes('1,234'), html);
  assert.match(
    html.replaceAll(/<\/?span[^>]*>/g, ''),
    /<td>400<\/td><td>900 µs<\/td><td>2\.00 ms<\/td><td>5<\/td><td>–<\/td><td>–</,
  );
});
