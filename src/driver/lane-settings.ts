/** What a lane is told when it is made, and what it is given to work with. */
import type { Clock } from '../base/clock.ts';
import type { MakeProtocol } from '../wire/phone-protocol.ts';
import type { ClientTransport } from '../wire/transport.ts';
import type { Arrivals } from './arrivals.ts';
import type { Pacing } from './cell-schedule.ts';
import type { Population } from './population.ts';

/** How a phone leaves: it logs out, its connection breaks, or it is heard of no more. */
export type Departure = 'logout' | 'drop' | 'vanish';

export interface LaneSettings {
  readonly lane: number;
  readonly seed: number;
  readonly population: Population;
  readonly contacts: number;
  /** Time between the heartbeats of a phone; Infinity for none. */
  readonly heartbeatMicros: number;
  /** Mean time for which a phone stays connected; Infinity for the whole run. */
  readonly sessionMicros: number;
  /** Time between leaving and coming back. */
  readonly awayMicros: number;
  readonly departure: Departure;
  readonly logins: Arrivals;
  readonly loginPacing: Pacing;
  readonly loginTimeoutMicros: number;
  readonly loginRetryMicros: number;
  readonly loginAttempts: number;
  readonly messages: Arrivals;
  readonly messagePacing: Pacing;
  /** The first so many phones send and receive. */
  readonly activePhones: number;
  readonly payloadBytes: number;
  /** Places of this lane's table of what it waits for, a power of two. */
  readonly inFlightPlaces: number;
  /** Tells this run's messages from those of other runs that wait in mailboxes: 16 bits. */
  readonly runTag: number;
  /** The switch only echoes (see NullShard): each message comes back to its own sender. */
  readonly echo: boolean;
}

/** Whatever latencies are recorded in, in microseconds. */
export interface LatencyRecorder {
  record(micros: number): void;
}

export interface LaneLatencies {
  readonly login: LatencyRecorder;
  readonly acknowledgement: LatencyRecorder;
  /** Of messages to phones that were there. */
  readonly delivery: LatencyRecorder;
  /** Of messages that waited when the recipient logged in. */
  readonly storedDelivery: LatencyRecorder;
  readonly receipt: LatencyRecorder;
  /** From when a message was due to when it was handed over: the lane's own part, or want of room. */
  readonly sendDelay: LatencyRecorder;
}

export interface LaneParts {
  readonly transport: ClientTransport;
  /** Which shard a phone connects to. */
  readonly shardOf: (phone: number) => number;
  /** What phones and server say to each other. */
  readonly makeProtocol: MakeProtocol;
  readonly latencies: LaneLatencies;
  readonly counters: Float64Array;
  readonly clock: Clock;
}
