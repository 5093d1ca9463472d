// Fails if a file asks for a transport by name. Properties of transports are in one table,
// src/scenario/terms/transports.ts, and their ends in another, so that a new transport is a row in each and a room.
// Also fails if a row has no room.
//
//   node scripts/check-transports.mjs                  part of npm run lint
//   node scripts/check-transports.mjs --root FOLDER    the sources of another folder
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TABLE = 'scenario/terms/transports.ts';
const TABLES = [TABLE, 'run/worker/ends/thread-ends.ts'];

const args = process.argv.slice(2);
const root = args.includes('--root')
  ? args[args.indexOf('--root') + 1]
  : dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const isCode = (file) => file.endsWith('.ts') && !/\.(test|bench|test-worker|test-suite)\.ts$/.test(file);
const withoutComments = (line) => line.replace(/^\s*(\/?\*|\/\/).*|\s\/\/.*$/, '');

const rows = readFileSync(join(source, TABLE), 'utf8').match(/^const TABLE = \{\n(.*?)^\}/ms)?.[1] ?? '';
const names = [...rows.matchAll(/^ {2}'?([\w-]+)'?: \{$/gm)].map(([, name]) => name);
const name = `'(?:${names.join('|')})'`;
/** A comparison with a name, a case of a switch, a list of names, or a search in one. */
const ASKS = new RegExp(
  `[=!]==?\\s*${name}|${name}\\s*[=!]==|\\bcase ${name}:|${name},\\s*${name}|\\.includes\\(${name}`,
);

const faults = names.length === 0 ? [`src/${TABLE}: expected "const TABLE = {" and a row for each transport`] : [];
for (const one of names) {
  if (!existsSync(join(source, 'transport', one))) faults.push(`src/${TABLE}: ${one} has no room src/transport/${one}`);
}
for (const file of readdirSync(source, { recursive: true }).filter((one) => isCode(one) && !TABLES.includes(one))) {
  const lines = readFileSync(join(source, file), 'utf8').split('\n');
  lines.forEach((line, i) => {
    const match = names.length === 0 ? null : ASKS.exec(withoutComments(line));
    if (match === null) return;
    faults.push(`src/${file}:${i + 1}: asks for a transport by name (${match[0]}): use a property in src/${TABLE}`);
  });
}
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`);
  process.exitCode = 1;
}
