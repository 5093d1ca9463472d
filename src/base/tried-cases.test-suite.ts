/**
 * How many cases a test that has many of them tries: all with `npm test`, fewer with `npm run test:fast`, which gives a
 * first answer soon. Titles or diagnostics of these tests have the number, and test:fast lists their files.
 */
const isFast = process.env['TRUNKLINE_TESTS'] === 'fast';

/** @param fast how many `npm run test:fast` tries. */
export function triedCases(all: number, fast: number): number {
  return isFast ? fast : all;
}
