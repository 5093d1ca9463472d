/**
 * Where some bytes are in a buffer: one argument instead of three. Like a mailbox entry, the object belongs to the
 * caller, who fills it anew for each call, so that no message needs an object of its own. The called function does not
 * keep it.
 */
export interface ByteSpan {
  view: DataView;
  /** Offset of the first byte. */
  at: number;
  bytes: number;
}
