/** Copies bytes between two buffers without creating a view of either. */

/**
 * Copies `bytes` bytes as 32-bit integers. Copying doubles could change bytes that happen to encode a NaN, and
 * `TypedArray.set` needs a view, which would be one object per message.
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
