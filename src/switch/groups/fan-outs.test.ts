/** How much of a large group one turn of a shard serves, and who is served beside it. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { GROUP_MEMBERS_MAX } from '../../scenario/terms/limits.ts';
import { FrameType, readSerial } from '../../wire/frames.ts';
import { GroupPlan } from '../../wire/group-plan.ts';
import { SmallSwitch } from '../small-switch.test-suite.ts';

const PHONES = GROUP_MEMBERS_MAX + 8;
/** Members who may be appended to in one turn. */
const PER_TURN = 512;
const MESSAGES = 2;
const RECIPIENTS = MESSAGES * (GROUP_MEMBERS_MAX - 1);

it('a message to the largest group takes many turns, each of a bounded part, and others are served in all of them', () => {
  const sizes = { median: GROUP_MEMBERS_MAX, sigma: 0, max: GROUP_MEMBERS_MAX };
  const plan = new GroupPlan({ seed: 1, firstAccount: PHONES, groups: 1, lists: 0, phones: PHONES, sizes });
  const groups = { plan, queueMax: 16, recentMax: 64, changesMax: 16 };
  const small = new SmallSwitch({ accounts: PHONES, mailboxBlocks: 2 ** 18, groups });
  const phones = Array.from({ length: PHONES }, (_, phone) => phone);
  const author = phones.find((phone) => plan.isMember(0, phone));
  const [writer, reader] = phones.filter((phone) => !plan.isMember(0, phone));
  assert.ok(author !== undefined && writer !== undefined && reader !== undefined);
  for (const phone of [author, writer, reader]) small.online(phone, phone);

  for (let id = 1; id <= MESSAGES; id++) small.say(author, small.message(id, PHONES));
  let appended = 0;
  let turns = 0;
  while (appended < RECIPIENTS && turns < RECIPIENTS) {
    turns++;
    small.say(writer, small.message(turns, reader));
    small.work(0);
    small.listen();
    const inThisTurn = small.count('groupAppended') - appended;
    assert.ok(inThisTurn <= PER_TURN, `${inThisTurn} members in turn ${turns}`);
    appended += inThisTurn;
    const heard: number[] = small.frames(reader, FrameType.DELIVER).map(({ body }) => readSerial(body, 0));
    assert.equal(heard.length, turns, 'the message of another phone arrives in the turn in which it was sent');
    small.say(reader, small.confirmation(heard.at(-1) ?? 0));
  }
  assert.ok(turns >= RECIPIENTS / PER_TURN && turns < (2 * RECIPIENTS) / PER_TURN, `${turns} turns`);
  small.settle();
  assert.equal(small.count('groupAppended'), RECIPIENTS, 'each member has each message once');
  assert.equal(small.count('groupRejected'), 0);
});
