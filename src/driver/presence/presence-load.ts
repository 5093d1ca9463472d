/** What simulated phones do about presence and typing. */
export interface PresenceLoad {
  /** Contacts that each phone watches after its login; 0 for none. At most 4: each takes two bits of a byte. */
  readonly watch: number;
  /** Share of the phones that watch theirs; the others watch nobody. */
  readonly watchersShare: number;
  /** Phones per second, of all that connect, whose app goes to the background. */
  readonly backgroundsPerSecond: number;
  /** Time after which such a phone is in use again. */
  readonly backgroundMicros: number;
  /** Share of messages before which a phone says that its user is typing. */
  readonly typingShare: number;
}

export const NO_PRESENCE: PresenceLoad = {
  watch: 0,
  watchersShare: 1,
  backgroundsPerSecond: 0,
  backgroundMicros: 1,
  typingShare: 0,
};
