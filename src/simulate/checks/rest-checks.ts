/** What must hold when a world has come to rest, and when all its sessions have ended. */
import { formatCountOf } from '../../base/units.ts';
import type { Population } from '../../driver/terms/population.ts';
import type { World } from '../world/world.ts';
import type { MessageAudit, Violation, WaitingMessage } from './message-audit.ts';
import { groupEntriesOf, groupFindings } from './stored-group-checks.ts';
import { worldIntegrity } from './world-integrity.ts';

export interface RestParts {
  readonly world: World;
  readonly audit: MessageAudit;
  readonly population: Population;
}

export type RestFinding = Omit<Violation, 'atMicros'>;

/**
 * Tables of a shard whose rows must all be free when its sessions have ended: over sockets the last one has
 * descriptors.
 */
const SESSION_TABLES = ['sessions', 'open questions', 'connection peers'];
const NAMED_MAX = 5;

/**
 * Whether all phones are online, all messages answered, and those that can be delivered are delivered and confirmed.
 */
export function isAtRest({ world, audit, population }: RestParts): boolean {
  if (world.driver('held') !== population.online || world.driver('messagesUnanswered') !== 0) return false;
  const entries = entriesOf(world);
  // Only what waits for phones that never connect may be left.
  return audit.unanswered === 0 && (entries === 0 || entries === entriesForOffline({ world, audit, population }));
}

/** What is wrong with a world that should be at rest: liveness, mailboxes, and the balance of counters. */
export function restViolations(parts: RestParts): RestFinding[] {
  const { world, audit, population } = parts;
  const found: RestFinding[] = [];
  const say = (check: string, text: string): void => void found.push({ check, text });
  const held = world.driver('held');
  const wrong = audit.waitingMessages().filter(({ recipient }) => recipient < population.online);
  if (held !== population.online) say('liveness', `${held} of ${population.online} phones are online`);
  if (audit.unanswered > 0) say('liveness', `${audit.unanswered} messages have no answer`);
  if (wrong.length > 0) {
    const names = wrong.slice(0, NAMED_MAX).map(({ sender, id, recipient }) => `${id} of ${sender} to ${recipient}`);
    say('lost', `${wrong.length} acknowledged messages were not shown: ${names.join(', ')}`);
  }
  for (const finding of mailboxViolations(parts)) found.push(finding);
  const integrity = worldIntegrity(world);
  const { lost, duplicated, reordered, overtaken, corrupted, strangers, unanswered, digestsMatch } = integrity;
  const isBalanced =
    lost === 0 &&
    digestsMatch === true &&
    unanswered === 0 &&
    duplicated + reordered === 0 &&
    overtaken <= audit.overtaken;
  // What phones have forgotten is missing in the counters of the driver; the audit knows each of these messages.
  if (!(isBalanced || audit.isForgetful) || corrupted + strangers > 0)
    say('balance', `the counters do not balance: ${JSON.stringify({ ...integrity, findings: undefined })}`);
  // Which recipients each message to a group has follows from its members, whose model the driver has.
  if (!audit.areGroupsVolatile && integrity.groups?.isSound === false)
    say('groups', `messages to groups do not balance: ${JSON.stringify(integrity.groups)}`);
  if (!audit.areGroupsVolatile) {
    const unlike = groupFindings(world, audit, population);
    if (unlike.length > 0) say('groups', `${unlike.length} messages: ${unlike.slice(0, NAMED_MAX).join(', ')}`);
  }
  return found;
}

/** The mailboxes hold exactly the messages that were acknowledged and wait for phones that never connect. */
function mailboxViolations(parts: RestParts): RestFinding[] {
  const { world, audit } = parts;
  const expected = new Set(audit.waitingMessages().map(nameOf));
  const forgotten = new Set(audit.forgottenMessages().map(nameOf));
  const kept: string[] = [];
  for (const store of world.stores) store.forEachMessage((sender, id) => kept.push(nameOf({ sender, id })));
  const extra = kept.filter((name) => !(expected.delete(name) || forgotten.delete(name)));
  const entries = entriesOf(world);
  const found: RestFinding[] = [];
  if (extra.length > 0)
    found.push({
      check: 'mailboxes',
      text: `mailboxes hold ${extra.length} messages too many: ${extra.slice(0, NAMED_MAX).join(', ')}`,
    });
  if (expected.size > 0)
    found.push({
      check: 'lost',
      text: `mailboxes lack ${expected.size} messages: ${[...expected].slice(0, NAMED_MAX).join(', ')}`,
    });
  if (found.length === 0 && entries > entriesForOffline(parts))
    found.push({ check: 'liveness', text: `${entries - kept.length} entries were not delivered` });
  return found;
}

/** Rows of tables, and memory of mailboxes, that are still in use though all sessions have ended. */
export function tableViolations(world: World): RestFinding[] {
  const found: RestFinding[] = [];
  world.stores.forEach((store, shard) => {
    const leaked = store.usedBlocks - store.countEntryBlocks();
    const blocks = formatCountOf(leaked, 'block');
    if (leaked !== 0)
      found.push({ check: 'memory', text: `${blocks} of the mailboxes of shard ${shard} in use, but not by an entry` });
  });
  world.shards.forEach((_, n) => {
    for (const { name, rowsUsed } of world.ledgerOf(n)) {
      if (SESSION_TABLES.includes(name) && rowsUsed > 0)
        found.push({ check: 'tables', text: `${rowsUsed} rows of the table "${name}" of shard ${n} are still in use` });
    }
  });
  if (found.length === 0 && world.switch('sessions') !== 0)
    found.push({ check: 'tables', text: `the switch counts ${world.switch('sessions')} sessions, and there are none` });
  return found;
}

function entriesOf(world: World): number {
  return world.stores.reduce((sum, { entries }) => sum + entries, 0);
}

/**
 * Messages in mailboxes that wait for phones that never connect: those that were acknowledged, and some of those
 * forgotten.
 */
function entriesForOffline({ world, audit, population }: RestParts): number {
  const { online } = population;
  const acknowledged = audit.waitingFrom(online) + groupEntriesOf(world, population).offline;
  if (!audit.isForgetful) return acknowledged;
  const forOffline = audit.forgottenMessages().filter(({ recipient }) => recipient >= online);
  const forgotten = new Set(forOffline.map(nameOf));
  let kept = 0;
  for (const store of world.stores)
    store.forEachMessage((sender, id) => {
      if (forgotten.has(nameOf({ sender, id }))) kept++;
    });
  return acknowledged + kept;
}

function nameOf({ sender, id }: Pick<WaitingMessage, 'sender' | 'id'>): string {
  return `${id} of ${sender}`;
}
