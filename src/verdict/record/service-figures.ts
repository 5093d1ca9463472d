/** The figures of a switch that runs alone (`trunkline serve`), as plain data. */

/** What a switch did since the last interval, and its present state. */
export interface ServiceInterval {
  readonly atSeconds: number;
  readonly connections: number;
  readonly sessions: number;
  readonly loginsPerSecond: number;
  readonly messagesPerSecond: number;
  readonly queuedMessages: number;
  readonly rssBytes: number;
}

/** How a switch stopped. */
export interface ServiceEnd {
  /** Sessions that were notified and closed. */
  readonly drainedSessions: number;
  /** Connections that had not closed when the time limit expired. */
  readonly cutConnections: number;
  /** Messages in mailboxes. Without a store they are in memory, and are lost with the process. */
  readonly queuedMessages: number;
  readonly isStored: boolean;
  readonly counters: Readonly<Record<string, number>>;
  readonly sockets: Readonly<Record<string, number>>;
}
