/** The keys of the device through which phones with a network of their own reach the switch. */
import { z } from 'zod';
import { count } from '../../terms/scalars.ts';

export const tunKeys = z.strictObject({
  checksums: z
    .boolean()
    .prefault(false)
    .describe(
      'Whether both sides compute and check TCP checksums. Without them each packet is marked as unchecked (IFF_VNET_HDR), since it never leaves the machine',
    ),
  queue: count({ min: 64, max: 1_000_000 })
    .prefault(65_536)
    .describe(
      'Packets of the switch that may wait for a lane to read them; the kernel drops others, as a network does',
    ),
});
