/**
 * What waits in the queue of fan-outs:
 *
 *     word 0   kind
 *     word 1   FAN_OUT: shared payload     NO_ROOM, JOIN, LEAVE: group          RESET: shard
 *     word 2                               NO_ROOM: author   JOIN, LEAVE: row
 *     word 3                               NO_ROOM: id
 *     word 4   sequence number of the item in the mailbox of its group, or NOT_STORED
 */
export const ITEM_WORDS = 5;
export const FanOutKind = { FAN_OUT: 0, NO_ROOM: 1, JOIN: 2, LEAVE: 3, RESET: 4 } as const;

/** In place of the sequence number of an item: nothing is stored. */
export const NOT_STORED = -1;
