/** Which messages are read, and when. */
export interface ReadSettings {
  /** Share of the messages from phone to phone that are read after their delivery. */
  readonly share: number;
  /** Share of the deliveries of messages to groups and lists that are read, by each member for itself. */
  readonly groupShare: number;
  /** Time from the delivery until the message is read. */
  readonly afterMicros: number;
}
