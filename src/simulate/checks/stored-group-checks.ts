/**
 * What mailboxes must hold of messages to groups when a world is at rest: of each acknowledged message, one entry for
 * each recipient who never connects, as many as the home of the group has promised and nobody has been shown.
 */
import type { Population } from '../../driver/terms/population.ts';
import type { World } from '../world/world.ts';
import type { MessageAudit } from './message-audit.ts';

export interface GroupEntries {
  /** For phones that connect, and for those that never do. */
  readonly online: number;
  readonly offline: number;
  /** Of the latter, by author and id. */
  readonly byMessage: ReadonlyMap<string, number>;
}

/** Counts the entries of messages to groups in all mailboxes. */
export function groupEntriesOf(world: World, population: Population): GroupEntries {
  const byMessage = new Map<string, number>();
  let [online, offline] = [0, 0];
  world.stores.forEach((store, shard) => {
    store.forEachGroupMessage((author, id, row) => {
      if (world.homes.accountAt(shard, row) < population.online) {
        online++;
        return;
      }
      offline++;
      const name = nameOf(author, id);
      byMessage.set(name, (byMessage.get(name) ?? 0) + 1);
    });
  });
  return { online, offline, byMessage };
}

/**
 * Messages to groups that too few or too many have. What full mailboxes rejected is only counted, so where some did, a
 * message may have fewer.
 */
export function groupFindings(world: World, audit: MessageAudit, population: Population): string[] {
  const { byMessage } = groupEntriesOf(world, population);
  const hasRejected = world.switch('groupRejected') > 0;
  return audit.groupMessages().flatMap(({ sender, id, recipient, members, shown }) => {
    const found = shown + (byMessage.get(nameOf(sender, id)) ?? 0);
    if (found === members || (hasRejected && found < members)) return [];
    return [`message ${id} of phone ${sender} to account ${recipient} has ${found} of ${members} recipients`];
  });
}

function nameOf(author: number, id: number): string {
  return `${id} of ${author}`;
}
