/** The schemas of single values, shared by results and by everything that is concluded from them. */
import { z } from 'zod';

export const figure = z.number();
/** Null if it was not measured. */
export const figureOrNull = z.number().nullable();
export const countOf = z.number().int().min(0);
export const texts = z.array(z.string()).readonly();
/** The command that concluded an outcome; null if it is not known, as in older files. */
export const commandLine = z.string().nullable().prefault(null).describe('Command to repeat it; null if not known');
