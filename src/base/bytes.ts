/** Copying between two memories without making a view of either. */

/**
 * Copies `bytes` bytes. Four at a time as integers: a double would be changed where the bytes
 * happen to spell a NaN, and `TypedArray.set` needs a view, which is an object for each message.
 */
export function copyBytes(source: DataView, sourceAt: number, target: DataView, targetAt: number, bytes: number): void {
  const whole = bytes & ~3;
  for (let i = 0; i < whole; i += 4) {
    target.setInt32(targetAt + i, source.getInt32(sourceAt + i, true), true);
  }
  for (let i = whole; i < bytes; i++) {
    target.setUint8(targetAt + i, source.getUint8(sourceAt + i));
  }
}
