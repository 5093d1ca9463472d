/**
 * The settings of a lane, and the parts that are passed to it. Settings say what the load is, parts what it runs on: so
 * a lane is the same over a real transport and clock as in a simulation.
 */

import type { Clock } from '../../base/clock.ts';
import type { TableMemory } from '../../base/table-memory.ts';
import type { MakeProtocol } from '../../wire/phone-protocol.ts';
import type { PhoneTransport } from '../../wire/transport.ts';
import type { MessageKind } from '../content/message-kinds.ts';
import type { ReadSettings } from '../content/read-settings.ts';
import type { LaneGroups } from '../groups/group-messages.ts';
import type { MisfitSettings } from '../misfits/misfits.ts';
import type { ContactDistribution } from '../people/mutual-contacts.ts';
import type { Platform } from '../people/platforms.ts';
import type { PushLink } from '../people/push-link.ts';
import type { PresenceLoad } from '../presence/presence-load.ts';
import type { Pacing } from '../schedules/cell-schedule.ts';
import type { BackoffSettings } from '../schedules/login-backoff.ts';
import type { Storm } from '../storms/lane-storms.ts';
import type { Arrivals } from '../terms/arrivals.ts';
import type { Population } from '../terms/population.ts';
import type { ZoneArrivals } from '../terms/zone-arrivals.ts';

/** How a phone leaves: it logs out, closes its connection, or vanishes without closing it. */
export type Departure = 'logout' | 'drop' | 'vanish';

export interface LaneSettings {
  readonly lane: number;
  readonly seed: number;
  readonly population: Population;
  /** See MessagePlanSettings. */
  readonly contacts: number | ContactDistribution;
  /** Interval between heartbeats of a phone; Infinity for none. */
  readonly heartbeatMicros: number;
  /** Time as it passes for sessions and absences (its count, in microseconds); that of the run if it is not given. */
  readonly churnTime?: Arrivals;
  /** The same by zone, where phones follow different clocks; not given if they do not. */
  readonly churnByZone?: ZoneArrivals;
  /** Mean duration of a session; Infinity for the whole run. */
  readonly sessionMicros: number;
  /** Time between a departure and the return. */
  readonly awayMicros: number;
  readonly departure: Departure;
  readonly logins: Arrivals;
  readonly loginPacing: Pacing;
  readonly loginTimeoutMicros: number;
  /** How long a phone waits before it tries to log in again. */
  readonly loginBackoff: BackoffSettings;
  /** Failed attempts after which a phone gives up; an answer that the switch is busy is none. */
  readonly loginAttempts: number;
  readonly messages: Arrivals;
  /** The same by zone, where the rates of phones differ; not given if they do not. */
  readonly messagesByZone?: ZoneArrivals;
  readonly messagePacing: Pacing;
  /** Number of phones that send and receive: phones 0 to `activePhones` - 1. */
  readonly activePhones: number;
  readonly payloadBytes: number;
  /** Kinds of messages with sizes of their own; all have `payloadBytes` if it is not given. */
  readonly kinds?: readonly MessageKind[];
  readonly presence: PresenceLoad;
  /** Which messages are read; none are if it is not given. */
  readonly reads?: ReadSettings;
  /** Places of the lane's in-flight table, a power of two. */
  readonly inFlightPlaces: number;
  /** Identifies the messages of this run, 16 bits: messages of earlier runs may wait in mailboxes. */
  readonly runTag: number;
  /** The switch only echoes (see NullShard): each message is delivered to its sender. */
  readonly isEcho: boolean;
  /** Kinds of phones with heartbeats and sessions of their own, which replace those above; none if it is not given. */
  readonly platforms?: readonly Platform[];
  /** Groups that phones send to, and how many phones join and leave them per second; none if it is not given. */
  readonly groups?: LaneGroups;
  /** Phones that do not behave; all do if it is not given. */
  readonly misfits?: MisfitSettings;
  /** Storms that drop connections, in order of time; none if it is not given. */
  readonly storms?: readonly Storm[];
}

/** Records latencies, in microseconds. */
export interface LatencyRecorder {
  record(micros: number): void;
}

export interface LaneLatencies {
  readonly login: LatencyRecorder;
  readonly acknowledgement: LatencyRecorder;
  /** Of messages to phones that were online. */
  readonly delivery: LatencyRecorder;
  /** Of messages that waited when their recipient logged in. */
  readonly storedDelivery: LatencyRecorder;
  /** Of messages to groups, to each member that was online. */
  readonly groupDelivery: LatencyRecorder;
  readonly receipt: LatencyRecorder;
  /** From the change of a phone's presence until a phone of the same lane that watches it has the notice. */
  readonly presence: LatencyRecorder;
  /** From the due time of a message to its handover to the transport: delay by the lane, or by a lack of room. */
  readonly sendDelay: LatencyRecorder;
  /** The deliveries above once more, by the platform of their recipients; none if phones have no platforms. */
  readonly byPlatform?: readonly DeliveryLatencies[];
}

/** The latencies of messages from phone to phone. */
export type DeliveryLatencies = Pick<LaneLatencies, 'delivery' | 'storedDelivery'>;

export interface LaneParts {
  readonly transport: PhoneTransport;
  /** The shard that a phone connects to. */
  readonly shardOf: (phone: number) => number;
  /** What phones and server say to each other. */
  readonly makeProtocol: MakeProtocol;
  readonly latencies: LaneLatencies;
  readonly counters: Float64Array;
  readonly clock: Clock;
  /**
   * Records deliveries to phones that were online once more, by the network of the phone in a row; not given without
   * networks.
   */
  readonly deliveryByNetwork?: (row: number) => LatencyRecorder;
  /** To the other lanes of a driver whose platforms have pushes. */
  readonly pushLink?: PushLink;
  /** Memory of the table of phones; plain memory if it is not given. */
  readonly tables?: TableMemory;
}
