/** How logins and messages are spread over time. */
import { z } from 'zod';

export const arrivals = z.enum(['constant', 'poisson']);
