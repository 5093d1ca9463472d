// Fails where a pure folder calls a clock, a random source, the process or the console: what the
// core needs of these is passed in, so that one seed replays everything. And where a verdict takes more than types from
// what measures: it judges a record, so that a simulated run is judged by the same code.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PURE = JSON.parse(readFileSync(new URL('pure-folders.json', import.meta.url), 'utf8'));
const IMPURE =
  /(?<!\.)\b(Date\.now|new Date\b|performance\.|Math\.random|process\.|console\.|setTimeout|setInterval|setImmediate)/;

const MEASURING = /^import (?!type )[^;]*from '\.\.\/(?:measure|transport|threads)\/[^']*'/gm;

const source = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src');
const isCode = (file) => file.endsWith('.ts') && !/\.(test|bench|test-worker|test-suite)\.ts$/.test(file);
const withoutComments = (line) => line.replace(/^\s*(\/?\*|\/\/).*|\s\/\/.*$/, '');

let breaches = 0;
for (const folder of PURE) {
  for (const file of readdirSync(join(source, folder), { recursive: true }).filter(isCode)) {
    const lines = readFileSync(join(source, folder, file), 'utf8').split('\n');
    lines.forEach((line, i) => {
      const match = IMPURE.exec(withoutComments(line));
      if (match === null) return;
      breaches++;
      process.stderr.write(`src/${folder}/${file}:${i + 1}: a pure folder calls ${match[0]}\n`);
    });
  }
}
for (const file of readdirSync(join(source, 'verdict')).filter(isCode)) {
  for (const [line] of readFileSync(join(source, 'verdict', file), 'utf8').matchAll(MEASURING)) {
    breaches++;
    process.stderr.write(`src/verdict/${file}: a verdict takes only types from what measures: ${line}\n`);
  }
}
process.exitCode = breaches > 0 ? 1 : 0;
