/** Limits on the values of a scenario, each with its cause. */

/** Rows of phones and indexes of accounts must fit the fields of their tables. */
export const PHONES_MOST = 500_000_000;
/** The row of a phone has one byte per phone that sends to it. */
export const CONTACTS_LIMIT = 4;
/** A payload contains its due time, its id and a checksum. */
export const PAYLOAD_LEAST_BYTES = 16;
/** The longest payload that fits in a frame. */
export const PAYLOAD_MOST_BYTES = 2037;
/** Steps of one scenario: more cannot be compared side by side. */
export const STEPS_MOST = 32;
