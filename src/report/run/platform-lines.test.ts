import assert from 'node:assert/strict';
import { it } from 'node:test';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { platformsSection } from '../html/run/platforms-section.ts';
import { platformLines } from './platform-lines.ts';

const MADE = madeResult();
const ONE = {
  name: 'Nokia <S40>',
  share: 0.06,
  connections: 60,
  sessions: 1234,
  messagesSent: 500,
  messagesDelivered: 480,
};

it('says what the phones of each platform did, and nothing without platforms', () => {
  assert.deepEqual(platformLines({ ...MADE, platforms: [ONE] }), [
    'Nokia <S40>, 6.00 % of phones: 60 online, 1,234 sessions, 500 messages sent, 480 delivered',
  ]);
  assert.deepEqual(platformLines(MADE), []);
  assert.deepEqual(platformsSection(MADE), []);
  const html = platformsSection({ ...MADE, platforms: [ONE] })[0]?.html.text ?? '';
  assert.ok(html.includes('Nokia &lt;S40&gt;') && html.includes('1,234'), html);
});
