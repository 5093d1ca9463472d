/**
 * Limits on the values of a scenario, each with its cause. The folders that cause them are not below this one, so the
 * values stand here again; `limits.test.ts` checks that they agree.
 */

/** Rows of phones and indexes of accounts must fit the fields of their tables. */
export const PHONES_MAX = 500_000_000;
/** Contacts that are the same number for all phones are written to in turn. */
export const CONTACTS_MAX = 4;
/** Contact lists from a distribution take eight bytes per contact of the phone with the most, in each lane. */
export const CONTACTS_LISTED_MAX = 10_000;
/** A payload contains its due time, its id and a checksum. */
export const PAYLOAD_BYTES_MIN = 16;
/** A payload that refers to a blob has its hash, its size and a link to it as well. */
export const REFERENCE_BYTES = 80;
/**
 * The longest payload that fits in a frame: 11 bits give the length of its body, which begins with ten bytes of fields.
 */
export const PAYLOAD_BYTES_MAX = 2 ** 11 - 1 - 10;
/** The same for the text of a message by HTTP, before which there are 16 bytes. */
export const HTTP_TEXT_BYTES_MAX = PAYLOAD_BYTES_MAX - 16;
/** Steps of one scenario: more cannot be compared side by side. */
export const STEPS_MAX = 32;
/** The longest payload of a message to a group: author, version and id are before it. */
export const GROUP_PAYLOAD_BYTES_MAX = PAYLOAD_BYTES_MAX - 16;
/** Groups and broadcast lists together: their homes and the lists of members take some words for each. */
export const GROUPS_MAX = 4_000_000;
/** Members of a group: enough for a channel, and what a shard puts into mailboxes within a second. */
export const GROUP_MEMBERS_MAX = 65_535;
/** Members of a broadcast list, as in WhatsApp. */
export const LIST_MEMBERS_MAX = 256;
