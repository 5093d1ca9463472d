/** How logins and messages are spread over time. */
import { z } from 'zod';

export const pacing = z.enum(['constant', 'poisson']);
