/** The figures of a switch that runs alone (`trunkline serve`), as plain data. */

/** What a switch did since the last look, and what it has now. */
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
  /** Sessions that were told, and closed. */
  readonly drainedSessions: number;
  /** Connections that had not closed when the time was up. */
  readonly cutConnections: number;
  /** Messages that wait in mailboxes; these are in memory, and go with the process. */
  readonly queuedMessages: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly sockets: Readonly<Record<string, number>>;
}
