/**
 * What the parts of a lane stand on in tests of one part alone: the real state, and a protocol that only notes calls.
 */
import type { LedgerEntry } from '../base/ledger-entry.ts';
import type { PhoneProtocol } from '../wire/phone-protocol.ts';
import { CLAIM_FULL } from '../wire/transport.ts';
import { laneSettings, MadeSwitch } from './made-switch.test-suite.ts';
import type { LaneParts, LaneSettings, LatencyRecorder } from './state/lane-settings.ts';
import { LaneState } from './state/lane-state.ts';
import { DRIVER_COUNTERS, DriverCounter, type DriverCounterName } from './terms/driver-counters.ts';

export interface SaidChange {
  readonly row: number;
  readonly number: number;
  readonly group: number;
  readonly joins: boolean;
}

/** Says nothing, but notes who pinged. */
export class NotingProtocol implements PhoneProtocol {
  readonly payloads = new DataView(new ArrayBuffer(4096));
  readonly pings: number[] = [];
  /** How many more calls find room. */
  room = Number.POSITIVE_INFINITY;
  /** Whether a change of a group is said. */
  onChange: (change: SaidChange) => boolean = () => false;

  ping(row: number): boolean {
    if (this.room === 0) return false;
    this.room--;
    this.pings.push(row);
    return true;
  }

  logIn(): boolean {
    return true;
  }

  logOut(): void {}

  claimMessage(): number {
    return CLAIM_FULL;
  }

  commitMessage(): void {}

  changeGroup(row: number, _connection: number, number: number, group: number, joins: boolean): boolean {
    return this.room > 0 && this.onChange({ row, number, group, joins });
  }

  confirm(): boolean {
    return true;
  }

  answer(): boolean {
    return true;
  }

  feed(_row: number, _connection: number, _isLoggingIn: boolean, _view: DataView, start: number, end: number): number {
    return end - start;
  }

  forget(): void {}

  ledger(): LedgerEntry[] {
    return [];
  }
}

/** The state of a lane with all phones, and its time, which a test moves. */
export class BareLane {
  readonly protocol = new NotingProtocol();
  readonly state: LaneState;
  nowMicros = 0;

  constructor(phones: number, changes: Partial<LaneSettings> = {}, parts: Partial<LaneParts> = {}) {
    const none = (): LatencyRecorder => ({ record: () => {} });
    this.state = new LaneState(laneSettings(phones, { inFlightPlaces: 64, ...changes }), {
      transport: new MadeSwitch(),
      shardOf: () => 0,
      makeProtocol: () => this.protocol,
      latencies: {
        login: none(),
        acknowledgement: none(),
        delivery: none(),
        storedDelivery: none(),
        groupDelivery: none(),
        receipt: none(),
        presence: none(),
        sendDelay: none(),
      },
      counters: new Float64Array(DRIVER_COUNTERS.length),
      clock: {
        nowMicros: () => this.nowMicros,
        tell: (into) => {
          into[0] = this.nowMicros;
        },
      },
      ...parts,
    });
    this.state.protocol = this.protocol;
  }

  /** Sets the time, and lets the state look at the clock. */
  at(micros: number): void {
    this.nowMicros = micros;
    this.state.tellTime();
  }

  count(name: DriverCounterName): number {
    return this.state.parts.counters[DriverCounter[name]] ?? 0;
  }
}
