/** The section of a result about memory: lines fitted over the levels of connections, and the ledger of tables. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

export const slopeSchema = z
  .strictObject({
    bytesPerConnection: figureOrNull.describe(
      'Theil–Sen slope over the levels; null if the levels do not show a slope',
    ),
    lowBytesPerConnection: figure.describe('Lower end of the 95 % interval, by resampling the levels'),
    highBytesPerConnection: figure.describe('Upper end of the 95 % interval'),
    baseBytes: figure.describe('Intercept of the fit: memory without connections'),
    isLinear: z
      .boolean()
      .describe('Whether the slopes of the lower and the upper half of the levels agree within 10 %'),
    bytes: z.array(figure).describe('The reading at each level'),
    reason: z
      .string()
      .nullable()
      .prefault(null)
      .describe(
        'Why there is no figure: the interval includes zero, the slope is negative, or readings were disturbed',
      ),
  })
  .describe('Straight line fitted to memory over the levels of connections');

const ledgerEntry = z.strictObject({
  owner: z.enum(['switch', 'driver', 'transport', 'run']),
  name: z.string(),
  reservedBytes: countOf,
  rowBytes: countOf,
  rowsUsed: countOf,
});

export const memorySchema = z.strictObject({
  isSimulated: z.boolean(),
  connections: z.array(countOf).describe('The levels'),
  switch: z.strictObject({ ledger: slopeSchema.nullable(), heap: slopeSchema.nullable(), rss: slopeSchema.nullable() }),
  driver: z.strictObject({ ledger: slopeSchema.nullable(), heap: slopeSchema.nullable(), rss: slopeSchema.nullable() }),
  kernel: slopeSchema.nullable().describe('Sockets in the kernel, of all ends on this machine'),
  machine: slopeSchema.nullable().describe('Decrease of free memory of the machine: all ends and both sides together'),
  process: z.strictObject({ rss: slopeSchema.nullable(), pageTables: slopeSchema.nullable() }),
  pages: z
    .strictObject({
      setting: z.string().describe('`memory.pages` of the scenario'),
      hugeBytes: countOf
        .nullable()
        .describe('Memory of the processes on huge pages, at the highest level of connections; null if unknown'),
    })
    .nullable()
    .prefault(null)
    .describe('Pages that the memory of the processes lies on; null in older results'),
  ledger: z.array(ledgerEntry).describe('At the highest level of connections'),
  leavesOut: z.array(z.string()),
});

export type Slope = z.output<typeof slopeSchema>;
