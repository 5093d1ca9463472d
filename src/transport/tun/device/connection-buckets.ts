/** The size of the table in which the kernel finds the connections of a run's network. */

/** Buckets per connection: chains stay short, and 8 bytes for each are little beside 4 kB. */
const BUCKETS_PER_CONNECTION = 1.5;
const BUCKETS_MIN = 2 ** 16;
const BUCKETS_MAX = 2 ** 24;
/** Memory of a bucket: the head of a list (struct inet_ehash_bucket). */
export const BUCKET_BYTES = 8;

/** Buckets for so many connections: a power of two, as the kernel wants it (`tcp_child_ehash_entries`). */
export function connectionBuckets(connections: number): number {
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, BUCKETS_PER_CONNECTION * connections)));
  return Math.min(BUCKETS_MAX, Math.max(BUCKETS_MIN, wanted));
}
