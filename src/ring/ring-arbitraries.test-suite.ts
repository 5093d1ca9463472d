/** Rings and records for property tests: small ones, so that they are full, wrap, and refuse records, in every test. */
import fc from 'fast-check';

/** Starts near 0, 2^31 and 2^32, and anywhere else; positions are multiples of 8. */
export const starts = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((eights) => eights * 8),
  fc.integer({ min: 0, max: 80 }).map((eights) => 2 ** 31 - eights * 8),
  fc.integer({ min: 0, max: 80 }).map((eights) => 2 ** 32 - eights * 8),
  fc.integer({ min: 0, max: 2 ** 29 - 1 }).map((eights) => eights * 8),
);
export const capacities = fc.constantFrom(64, 128, 256, 1024);

/** The sizes of a claim, and how often it is repeated. */
export const claims = {
  payloadBytes: fc.oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 1, max: 1100 }),
  ),
  reserveBytes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 })),
  times: fc.integer({ min: 1, max: 4 }),
};
