/**
 * Mistakes that are put into the switch and its store on purpose, to learn whether a simulation finds them. They exist
 * only here: each changes parts of a world, or methods of a class until it is undone.
 */
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../base/pseudo-random.ts';
import { SERIAL_MASK } from '../base/serial-distance.ts';
import { IdWindows } from '../store/id-windows.ts';
import { BLOCK_WORDS, ENTRY_WORD, MailboxBlocks } from '../store/mailbox-blocks.ts';
import { EntryState, type MailboxEntry } from '../store/mailbox-entry.ts';
import { GroupNote, type LogVisitor, type MailboxLog } from '../store/mailbox-log.ts';
import { MailboxStore } from '../store/mailbox-store.ts';
import { ItemQueue } from '../switch/groups/item-queue.ts';
import { TakenItems } from '../switch/groups/taken-items.ts';
import { SessionTable } from '../switch/tables/session-table.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import { FrameType, HEADER_BYTES, headerType, payloadStart, readAccountLow } from '../wire/frames.ts';
import type { ChangeWorld, SimulationSettings } from './simulate.ts';
import { NO_FAULTS } from './small-simulation.test-suite.ts';
import { groupSimulation } from './stored-groups.test-suite.ts';

export interface Mutation {
  readonly name: string;
  /** Puts the mistake in for one run. @returns what takes it out again. */
  readonly begin: (seed: number) => () => void;
  readonly change?: ChangeWorld;
  readonly settings?: Partial<SimulationSettings>;
}

/** Whether something happens, once in so many times on average. */
function onceIn(times: number, seed: number): () => boolean {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, 400);
  return () => nextBelow(random, 0, times) === 0;
}

/** Replaces a method of a class. @returns what puts the old one back. */
function replace<Class extends object, Name extends keyof Class>(
  prototype: Class,
  name: Name,
  make: (before: Class[Name]) => Class[Name],
): () => void {
  const before = prototype[name];
  prototype[name] = make(before);
  return () => {
    prototype[name] = before;
  };
}

/** Changes what a log reads back. */
function withReplay(change: (replay: (visitor: LogVisitor) => void, visitor: LogVisitor) => void): ChangeWorld {
  return (world) => ({
    ...world,
    makeLog: (shard) => {
      const log = world.makeLog?.(shard) as MailboxLog; // a simulation makes one for each shard
      const replay = log.replay.bind(log);
      return Object.assign(log, { replay: (visitor: LogVisitor) => change(replay, visitor) });
    },
  });
}

const nothing = (): void => {};

/** A message is acknowledged, and then thought to be confirmed. */
function dropOneIn(times: number, where: Pick<Mutation, 'name'> & Partial<Mutation>): Mutation {
  return {
    ...where,
    begin: (seed) => {
      const isDropped = onceIn(times, seed);
      return replace(MailboxStore.prototype, 'takeCompleted', (before) => {
        return function (this: MailboxStore) {
          const entry = before.call(this);
          if (isDropped()) this.index.setState(entry, EntryState.CONFIRMED);
          return entry;
        };
      });
    },
  };
}

/** The log says that everything is complete that it was given. */
const acknowledgeBeforeSync: Mutation = {
  name: '✓ before the sync',
  begin: () => nothing,
  change: (world) => ({
    ...world,
    makeLog: (shard) => {
      const log = world.makeLog?.(shard) as MailboxLog; // as above
      return Object.defineProperty(log, 'completedBatch', { get: () => (log.openBatch - 1) & SERIAL_MASK });
    },
  }),
};

/** A message that is read back comes once more, as the next one of its mailbox. */
const deliverTwice: Mutation = {
  name: 'a message is delivered twice after a crash',
  begin: () => nothing,
  change: withReplay((replay, visitor) => {
    let last: MailboxEntry | undefined;
    replay({
      appended: (entry) => {
        visitor.appended(entry);
        const payload = new DataView(entry.payload.buffer.slice(0));
        if (!entry.isReceipt) last = { ...entry, payload, payloadAt: entry.payload.byteOffset + entry.payloadAt };
      },
      removed: (row, sequence) => {
        visitor.removed(row, sequence);
        if (last?.accountRow === row) last = undefined;
      },
      noted: (note, subject, sequence, detail) => visitor.noted(note, subject, sequence, detail),
    });
    if (last !== undefined) visitor.appended({ ...last, sequence: (last.sequence + 1) & SERIAL_MASK });
  }),
};

/** Two messages of one sender that are written to a phone in one turn change places. */
function swapOneIn(times: number): Mutation {
  return {
    name: `one pair of messages in ${times} is swapped`,
    begin: (seed) => {
      const isSwapped = onceIn(times, seed);
      let at = 0;
      let connection = -1;
      let before: { connection: number; payload: number; bytes: number; sender: number } | undefined;
      const undoClaim = replace(MemorySwitchTransport.prototype, 'claim', (claim) => {
        return function (this: MemorySwitchTransport, to, bytes, reserve) {
          connection = to;
          at = claim.call(this, to, bytes, reserve);
          return at;
        };
      });
      const undoFlush = replace(MemorySwitchTransport.prototype, 'flush', (flush) => {
        return function (this: MemorySwitchTransport) {
          before = undefined;
          flush.call(this);
        };
      });
      const undoCommit = replace(MemorySwitchTransport.prototype, 'commit', (commit) => {
        return function (this: MemorySwitchTransport) {
          const header = this.output.getUint16(at, true);
          if (headerType(header) === FrameType.DELIVER) {
            const body = at + HEADER_BYTES;
            const now = {
              connection,
              payload: payloadStart(body),
              bytes: header,
              sender: readAccountLow(this.output, body),
            };
            const isPair = before?.connection === connection && before.bytes === header && before.sender === now.sender;
            if (before !== undefined && isPair && isSwapped()) swap(this.output, before.payload, now.payload, 64);
            before = now;
          }
          commit.call(this);
        };
      });
      return () => {
        undoClaim();
        undoFlush();
        undoCommit();
      };
    },
  };
}

function swap(view: DataView, one: number, other: number, bytes: number): void {
  for (let n = 0; n < bytes; n++) {
    const byte = view.getUint8(one + n);
    view.setUint8(one + n, view.getUint8(other + n));
    view.setUint8(other + n, byte);
  }
}

/** The row of a session stays in use after the session has ended. */
function leakOneIn(times: number): Mutation {
  return {
    name: `one session in ${times} is leaked`,
    begin: (seed) => {
      const isLeaked = onceIn(times, seed);
      return replace(SessionTable.prototype, 'free', (free) => {
        return function (this: SessionTable, slot: number) {
          free.call(this, slot);
          if (isLeaked()) this.used++;
        };
      });
    },
  };
}

/** The memory of an entry, or of a payload, stays in use after it was removed. */
function leakBlockOneIn(times: number): Mutation {
  return {
    name: `the memory of one message in ${times} is leaked`,
    begin: (seed) => {
      const isLeaked = onceIn(times, seed);
      return replace(MailboxBlocks.prototype, 'giveChain', (giveChain) => {
        return function (this: MailboxBlocks, first: number) {
          if (isLeaked()) this.words[first * BLOCK_WORDS + ENTRY_WORD] = 0;
          else giveChain.call(this, first);
        };
      });
    },
  };
}

/** The ids that a mailbox has accepted are forgotten when its shard starts again. */
const forgetWindows: Mutation = {
  name: 'windows of ids are forgotten at a restart',
  begin: () => nothing,
  change: withReplay((replay, visitor) => {
    const { put } = IdWindows.prototype;
    IdWindows.prototype.put = nothing;
    try {
      replay(visitor);
    } finally {
      IdWindows.prototype.put = put;
    }
  }),
};

/** A write that was torn in a crash is taken for whole. */
const trustTornWrites: Mutation = {
  name: 'torn writes are taken for whole',
  begin: () => nothing,
  settings: { checksum: () => 0 },
};

/** The home of a group answers an item, and sends it to other shards, when it has only been given to the log. */
const acknowledgeGroupBeforeSync: Mutation = {
  name: '✓ to a group before the sync',
  settings: groupSimulation({ rates: { ...NO_FAULTS, shardCrashes: 60, switchCrashes: 40 }, isSwarm: false }),
  begin: () =>
    replace(ItemQueue.prototype, 'doWork', (doWork) => {
      return function (this: ItemQueue) {
        const undo = replace(MailboxStore.prototype, 'isComplete', () => () => true);
        try {
          return doWork.call(this);
        } finally {
          undo();
        }
      };
    }),
};

/** A shard says that it has stored an item of a group when it has only been given to the log. */
const loseMemberInTornWrite: Mutation = {
  name: 'a member is lost in a torn write',
  settings: groupSimulation(),
  begin: () =>
    replace(TakenItems.prototype, 'doWork', (doWork) => {
      return function (this: TakenItems) {
        const undo = replace(MailboxStore.prototype, 'isComplete', () => () => true);
        try {
          return doWork.call(this);
        } finally {
          undo();
        }
      };
    }),
};

/** Members are who they were at first when a shard starts again. */
const forgetMembers: Mutation = {
  name: 'changes of members are forgotten at a restart',
  settings: groupSimulation(),
  begin: () => nothing,
  change: withReplay((replay, visitor) =>
    replay({
      appended: (entry) => visitor.appended(entry),
      removed: (row, sequence) => visitor.removed(row, sequence),
      noted: (note, subject, sequence, detail) =>
        visitor.noted(
          note === GroupNote.JOINED || note === GroupNote.LEFT ? GroupNote.TAKEN : note,
          subject,
          sequence,
          detail,
        ),
    }),
  ),
};

/** So rare that only an experiment looks for it (scripts/experiment-mutations.mjs). */
export const RAREST_MUTATION: Mutation = dropOneIn(1_000_000, { name: 'one message in a million is dropped' });

/** With how rare a mistake they are looked for. */
export const MUTATIONS: readonly Mutation[] = [
  dropOneIn(5000, { name: 'one message in 5,000 is dropped' }),
  dropOneIn(2000, {
    name: 'one message in 2,000 is dropped where phones forget and nothing else fails',
    settings: { rates: { ...NO_FAULTS, phonesForget: 100 }, isSwarm: false },
  }),
  acknowledgeBeforeSync,
  deliverTwice,
  swapOneIn(20),
  leakOneIn(200),
  leakBlockOneIn(2000),
  forgetWindows,
  trustTornWrites,
  acknowledgeGroupBeforeSync,
  loseMemberInTornWrite,
  forgetMembers,
];
