/** The main file of the build that is running, to start further runs of it. */
import { fileURLToPath } from 'node:url';

export const OWN_ENTRY = fileURLToPath(new URL('../main.js', import.meta.url));
