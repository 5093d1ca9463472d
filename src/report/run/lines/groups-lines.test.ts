import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { GroupBalance } from '../../../result/sections/groups-schema.ts';
import { groupsSection } from '../../html/run/sections/groups-section.ts';
import { groupResult } from '../group-result.test-suite.ts';
import { groupsLines } from './groups-lines.ts';

const made = madeResult();
const result = groupResult();
const balanced = result.integrity.groups;

describe('groups in the summary of a run and on its page', () => {
  it('are left out without groups', () => {
    assert.deepEqual(groupsLines(made), []);
    assert.deepEqual(groupsSection(made), []);
  });

  it('say how many there are, what went through them, where the recipients are, and what was refused', () => {
    assert.deepEqual(groupsLines(result), [
      '4,000 groups and 20 broadcast lists, 1,024,000 memberships in 12.0 MiB, at most 300 members each',
      '4.00k messages/s to them, 1.02M deliveries/s to members; ✓✓ came 59,990 times for 60,000 messages',
      '1,000 recipients = 900 delivered + 60 queued + 40 rejected',
      '300 joins, 299 leaves, 2 skipped; refused: 7 messages (5 by phones that were not members, 2.00/s while measuring by phones that had left), 4 joins and leaves (3 to full groups)',
    ]);
    const html = groupsSection(result)[0]?.html.text ?? '';
    for (const cell of [
      '1,024,000',
      '4.00k/s',
      '1.02M/s',
      '59,990 times for 60,000 messages',
      '1,000 recipients = 900 delivered',
    ]) {
      assert.ok(html.includes(cell), cell);
    }
  });

  it('say that ✓✓ came more often than there were messages, and why it may', () => {
    assert.ok(result.groups !== null);
    const killed = { ...result, groups: { ...result.groups, receipts: 102, messages: 101 } };
    const lines = groupsLines(killed);
    assert.match(lines[1] ?? '', /; ✓✓ came 102 times for 101 messages$/);
    const why =
      '✓✓ came at least 1 time for a message that had it already: a switch that starts again from its store may send it twice';
    assert.equal(lines[2], why);
    assert.ok(groupsSection(killed)[0]?.html.text.includes(why));
    assert.doesNotMatch(groupsLines(result).join('\n'), /at least/);
  });

  it('have no memory where the switch is elsewhere', () => {
    assert.ok(result.groups !== null);
    const elsewhere = { ...result, groups: { ...result.groups, bytes: null } };
    assert.match(groupsLines(elsewhere)[0] ?? '', /1,024,000 memberships, at most 300 members each$/);
    assert.match(groupsSection(elsewhere)[0]?.html.text ?? '', /memory of all groups<\/th><td>not known</);
  });

  it('say what is wrong, and what could not be balanced', () => {
    assert.ok(balanced !== null);
    const groups = { ...balanced, delivered: 890, lost: 10, strangers: 2, isSound: false };
    const linesOf = (change: Partial<GroupBalance>): string[] =>
      groupsLines({ ...result, integrity: { ...result.integrity, groups: { ...groups, ...change } } });
    const lines = linesOf({});
    assert.equal(lines[2], '1,000 recipients against 890 delivered + 60 queued + 40 rejected');
    assert.equal(lines[3], 'wrong: 10 lost, 2 delivered to phones that were not members');
    const untold = linesOf({ lost: null, untold: 3 });
    assert.equal(untold[3], 'wrong: 2 delivered to phones that were not members');
    assert.match(untold[4] ?? '', /^not balanced: the number of recipients of 3 messages is not known/);
  });
});
