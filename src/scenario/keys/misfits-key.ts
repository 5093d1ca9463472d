/** The key of phones that do not behave, and what it demands of other keys. */
import { z } from 'zod';
import type { KeyFault } from '../terms/key-fault.ts';
import { count, rate, share } from '../terms/scalars.ts';

export const misfitsKey = z
  .strictObject({
    stalledReaders: count()
      .prefault(0)
      .describe(
        'Number of phones that send, but ignore all deliveries and confirm nothing, so that their mailboxes fill up',
      ),
    hotAccount: share()
      .prefault('0%')
      .describe(
        'Share of all messages between phones that go to one account, the first; they are refused while its mailbox is full',
      ),
    hotGroup: share()
      .prefault('0%')
      .describe(
        'Share of all messages that go to one group, the first; its members send them in addition to their own',
      ),
    duplicateConnects: rate()
      .prefault('0/s')
      .describe(
        'Phones per second that connect a second time while they are online, as after a loss that the switch has not noticed',
      ),
    sentAgain: share()
      .prefault('0%')
      .describe('Share of messages that their phone sends again after they were acknowledged, with the same id'),
  })
  .prefault({})
  .describe('Phones that misbehave: the run shows what that costs the others');

type MisfitKeys = z.output<typeof misfitsKey>;

/** The fault of these keys; null if there is none. */
export function misfitsFault(misfits: MisfitKeys, online: number, groups: number): KeyFault | null {
  if (misfits.hotGroup > 0 && groups === 0)
    return { path: ['misfits', 'hotGroup'], what: 'expected groups.count as well: there is no group' };
  if (misfits.stalledReaders < online) return null;
  return {
    path: ['misfits', 'stalledReaders'],
    what: `expected fewer than the phones that connect, ${online}, so that some read`,
  };
}
