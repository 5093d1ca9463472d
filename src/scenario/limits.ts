/** Bounds of what a scenario may ask for, each with what sets it. */

/** A phone's row and an account's index fit the words of their tables. */
export const PHONES_MOST = 500_000_000;
/** A phone's row has one byte for each phone that writes to it. */
export const CONTACTS_LIMIT = 4;
/** A payload carries its time, id and check. */
export const PAYLOAD_LEAST_BYTES = 16;
/** The longest payload that fits a frame. */
export const PAYLOAD_MOST_BYTES = 2037;
/** Steps of one scenario: what a reader can compare side by side. */
export const STEPS_MOST = 32;
