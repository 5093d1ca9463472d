/**
 * Memory that is kept free on the machine by every run: those that measure it subtract it, and those that plan add it.
 */
export const RESERVE_BYTES = 1.5 * 2 ** 30;
