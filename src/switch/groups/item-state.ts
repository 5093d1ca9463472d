/** The answer of a shard to the question whether its members have confirmed a message to a group. */
export const ItemState = {
  CONFIRMED: 0,
  /** Some member could not be given it. */
  REJECTED: 1,
  /** A report follows when they have. */
  WAITING: 2,
} as const;
