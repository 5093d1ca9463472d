/** What a shard tells the homes of groups about their items, against lists and maps. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { SERIAL_MASK } from '../../base/serial-distance.ts';
import { triedCases } from '../../base/tried-cases.test-suite.ts';
import { AUTHOR, LOCAL, nameOf, QUEUE_MAX, REMOTE, SHARDS, Taking } from './taking-shard.test-suite.ts';

/** Items of a group have numbers that wrap on the way. */
const FIRST = SERIAL_MASK - 5;
const IDS = 4;
const NOTES_MAX = QUEUE_MAX * SHARDS;

const numberOf = (item: number): number => (FIRST + item) & SERIAL_MASK;

const step = fc.record({
  act: fc.constantFrom(
    'arrive',
    'arrive',
    'again',
    'take',
    'take',
    'change',
    'complete',
    'ask',
    'confirm',
    'room',
    'log',
  ),
  group: fc.constantFrom(LOCAL, REMOTE),
  id: fc.nat(IDS - 1),
  isYes: fc.boolean(),
  works: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What is known of a group: items count from 1, 0 is none. */
interface Group {
  arrived: number;
  noted: number;
  stored: number;
  rejected: number;
}

/** The same shard, as lists of everything. */
class NaiveTaking {
  readonly groups = new Map([LOCAL, REMOTE].map((group): [number, Group] => [group, newGroup()]));
  /** Notes that are not complete. */
  notes: { readonly batch: number; readonly group: number; readonly item: number }[] = [];
  untold: number[] = [];
  readonly answers = new Map<number, string>();
  readonly did: string[] = [];

  of(group: number): Group {
    return this.groups.get(group) ?? assert.fail('one of two');
  }

  tell(group: number): void {
    if (this.of(group).stored > 0 && !this.untold.includes(group)) this.untold.push(group);
  }

  work(completed: number, hasRoom: boolean): string[] {
    const done = this.notes.findIndex(({ batch }) => batch > completed);
    for (const { group, item } of this.notes.splice(0, done < 0 ? this.notes.length : done)) {
      this.of(group).stored = item;
      this.tell(group);
    }
    const blocked = hasRoom ? -1 : this.untold.indexOf(REMOTE);
    for (const group of this.untold.splice(0, blocked < 0 ? this.untold.length : blocked))
      this.did.push(`tells ${nameOf(group)}/${numberOf(this.of(group).stored)}`);
    for (const [group, answer] of this.answers) {
      if (group === REMOTE && !hasRoom) continue;
      this.did.push(answer);
      this.answers.delete(group);
    }
    return this.did.splice(0);
  }
}

const newGroup = (): Group => ({ arrived: 0, noted: 0, stored: 0, rejected: 0 });

/** A step of both. */
function take(taking: Taking, naive: NaiveTaking, { act, group, id, isYes }: Step): void {
  const { items } = taking;
  const known = naive.of(group);
  if (act === 'arrive') assert.ok(items.isNew(group, numberOf(++known.arrived)));
  else if (act === 'again' && known.arrived > 0) {
    assert.ok(!items.isNew(group, numberOf(Math.max(1, known.arrived - id))));
    naive.tell(group);
  } else if ((act === 'take' || act === 'change') && known.noted < known.arrived) {
    const item = known.noted + 1;
    const isTaken =
      act === 'take' ? items.take(group, numberOf(item), isYes) : items.takeChange(group, numberOf(item), 2, isYes);
    assert.equal(isTaken, !taking.isLogFull && naive.notes.length < NOTES_MAX);
    if (!isTaken) return;
    known.noted = item;
    if (act === 'take' && isYes) known.rejected = item;
    naive.notes.push({ batch: taking.openBatch, group, item });
    const what = act === 'take' ? 'TAKEN' : isYes ? 'JOINED' : 'LEFT';
    naive.did.push(`notes ${what} ${nameOf(group)}/${numberOf(item)}, ${act === 'change' ? 2 : isYes ? 1 : 0}`);
  } else if (act === 'complete') taking.completed = taking.openBatch++;
  else if (act === 'ask') {
    const item = Math.max(1, known.stored - id);
    items.ask(group, AUTHOR, id, numberOf(item));
    const isWaiting = taking.unconfirmed.some(([, one]) => one === id);
    const answer = `answers ${id}: ${isWaiting ? 'WAITING' : item <= known.rejected ? 'REJECTED' : 'CONFIRMED'}`;
    if (group === REMOTE && !taking.hasRoom) naive.answers.set(group, answer);
    else naive.did.push(answer);
  } else if (act === 'room') taking.hasRoom = isYes;
  else if (act === 'log') taking.isLogFull = isYes;
}

it('tells homes of what is stored and of nothing else, and answers each question, whatever waits', () => {
  const seen = { full: 0, waited: 0 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
      const [taking, naive] = [new Taking(), new NaiveTaking()];
      for (const one of steps) {
        take(taking, naive, one);
        if (one.act === 'confirm') {
          const at = taking.unconfirmed.findIndex(([, id]) => id === one.id);
          if (at < 0) taking.unconfirmed.push([AUTHOR, one.id]);
          else taking.unconfirmed.splice(at, 1);
        }
        // What members confirm is known from the next turn on.
        if (one.works || one.act === 'confirm')
          assert.deepEqual(taking.work(), naive.work(taking.completed, taking.hasRoom));
        const waits = naive.notes.length + naive.untold.length + naive.answers.size > 0;
        assert.equal(taking.items.waits, waits);
        if (naive.notes.length === NOTES_MAX) seen.full++;
        if (naive.answers.size > 0 && naive.untold.length > 0) seen.waited++;
      }
    }),
    { numRuns: triedCases(300, 100) },
  );
  assert.ok(seen.full > 0 && seen.waited > 0, JSON.stringify(seen));
});
