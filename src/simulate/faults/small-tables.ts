/**
 * The rings and tables that a simulation can make as small as they work, so that work has to wait for room. Those that
 * bound a promise are left out: without room for windows of ids, messages are shown twice (mailbox-store.ts).
 */
import { BUFFER_BYTES_MIN } from '../../store/durable/log-buffer.ts';
import type { WorldSettings } from '../world/world.ts';

/** The settings of a world, and those of the logs that a simulation makes for it. */
export interface StoredWorldSettings extends WorldSettings {
  /** Bytes of the ring between each shard and its store thread. */
  readonly logRingBytes: number;
}

interface SmallTable {
  readonly name: string;
  readonly shrink: (settings: StoredWorldSettings) => StoredWorldSettings;
}

const shard = (change: Partial<WorldSettings['shard']>) => (settings: StoredWorldSettings) => ({
  ...settings,
  shard: { ...settings.shard, ...change },
});

/** Faults name them by their place: new ones are added at the end. */
export const SMALL_TABLES: readonly SmallTable[] = [
  { name: 'inboxes', shrink: (settings) => ({ ...settings, inboxBytes: 2 ** 14, shard: fewQuestions(settings) }) },
  {
    name: 'rings of connections',
    shrink: (settings) => ({ ...settings, ringBytes: 2 ** 15, shard: fewInputs(settings) }),
  },
  { name: 'inputs per turn', shrink: shard({ inputsPerTurn: 16 }) },
  { name: 'open questions', shrink: shard({ questionsMax: 16 }) },
  { name: 'delivery window', shrink: shard({ deliveryWindow: 1 }) },
  { name: 'messages per mailbox', shrink: shard({ messagesPerAccount: 4 }) },
  { name: 'partial frames', shrink: shard({ partialFramesMax: 1 }) },
  {
    name: 'messages in flight',
    shrink: (settings) => ({ ...settings, lane: { ...settings.lane, inFlightPlaces: 256 } }),
  },
  {
    name: 'delayed acknowledgements',
    shrink: ({ shard: of, ...rest }) => ({
      ...rest,
      shard: {
        ...of,
        durability: { ...of.durability, acknowledgementsMax: Math.min(8, of.durability.acknowledgementsMax) },
      },
    }),
  },
  { name: 'rings of logs', shrink: (settings) => ({ ...settings, logRingBytes: BUFFER_BYTES_MIN }) },
];

/** A small ring has room for the answers to few inputs. */
function fewInputs({ shard: of }: WorldSettings): WorldSettings['shard'] {
  return { ...of, inputsPerTurn: Math.min(32, of.inputsPerTurn) };
}

/** A small inbox has room for the answers to few questions. */
function fewQuestions({ shard: of }: WorldSettings): WorldSettings['shard'] {
  return { ...of, questionsMax: Math.min(16, of.questionsMax) };
}
