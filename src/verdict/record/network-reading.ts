/** What the lanes over tun have counted: of their packets, of the TCP of their phones, and of the networks of these. */

/** Of one link: counters since the start, and latencies of deliveries to its phones as counts of a histogram. */
export interface LinkReading {
  readonly name: string;
  readonly counters: Readonly<Record<string, number>>;
  readonly delivery: Uint32Array;
}

/** A round trip of the switch's kernel to a phone, and the number of the phone's link, 0 without `network`. */
export interface KernelRoundTrip {
  readonly link: number;
  readonly smoothedMicros: number;
  readonly shortestMicros: number;
}

/** Of one lane. All counters are since the start of the lane. */
export interface NetworkReading {
  /** Of the device; names of PACKET_COUNTERS. */
  readonly device: Readonly<Record<string, number>>;
  /** Names of TCP_COUNTERS. */
  readonly tcp: Readonly<Record<string, number>>;
  /** Empty without `network`. */
  readonly links: readonly LinkReading[];
  /** Of some of the phones that are connected now; null if the kernel does not say. */
  readonly roundTrips: readonly KernelRoundTrip[] | null;
}

/** By the name of the lane. */
export type NetworkReadings = ReadonlyMap<string, NetworkReading>;

/** The network of a run, read when phones are online and again at the end of the measurement. */
export interface NetworkWindow {
  readonly before: NetworkReadings;
  readonly after: NetworkReadings;
  /**
   * Packets that the kernel dropped since the start because a lane did not read them, by device; null if it does not
   * say.
   */
  readonly queueDrops: ReadonlyMap<string, number> | null;
}
