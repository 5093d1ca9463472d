/** The section of a result about the machine, the system and the program. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

export const environmentSchema = z.strictObject({
  trunkline: z.string(),
  node: z.string(),
  v8: z.string(),
  execArgv: z.array(z.string()),
  platform: z.string(),
  kernel: z.string(),
  cpuModel: z.string(),
  cores: countOf,
  memoryBytes: countOf,
  governor: z.string().nullable(),
  cgroupCpuCores: figureOrNull,
  cgroupMemoryBytes: figureOrNull,
  loadBefore: figure,
  loadAfter: figureOrNull,
  openFilesLimit: figureOrNull,
  sysctls: z.record(z.string(), z.string()),
  commit: z.string().nullable(),
  isDirty: z.boolean().nullable(),
  lockfileHash: z.string().nullable(),
  machineClass: z.string().describe('Class of machines whose results can be compared'),
});

export type Environment = z.output<typeof environmentSchema>;
