/** The schemas of single values, shared by results and by everything that is concluded from them. */
import { z } from 'zod';

export const figure = z.number();
/** Null if it was not measured. */
export const figureOrNull = z.number().nullable();
export const countOf = z.number().int().min(0);
export const texts = z.array(z.string()).readonly();
