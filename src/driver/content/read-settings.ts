/** Which messages are read, and when. */
export interface ReadSettings {
  /** Share of the messages from phone to phone that are read after their delivery. */
  readonly share: number;
  /** Time from the delivery until the message is read. */
  readonly afterMicros: number;
}
