#!/usr/bin/env node
// The command as npm installs it. In a clone that was not built yet it builds first; a package comes built.
import { existsSync } from 'node:fs';

const MAIN = new URL('../dist/cli/main.js', import.meta.url);
const SETUP = new URL('../scripts/setup.mjs', import.meta.url);

if (!existsSync(MAIN) && existsSync(SETUP)) await import(SETUP.href);
await import(MAIN.href);
