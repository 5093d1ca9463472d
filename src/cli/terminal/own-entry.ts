/** The main file of the build that is running, for fresh runs of it. */
import { fileURLToPath } from 'node:url';

export const OWN_ENTRY = fileURLToPath(new URL('../main.js', import.meta.url));
