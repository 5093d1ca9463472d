/** The kinds of values that all stored files are made of: a result, and everything that is concluded from results. */
import { z } from 'zod';

export const figure = z.number();
/** Null: not measured. */
export const figureOrNull = z.number().nullable();
export const countOf = z.number().int().min(0);
export const texts = z.array(z.string()).readonly();
