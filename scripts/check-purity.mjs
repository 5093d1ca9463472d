// Fails if a pure folder uses a clock, a random source, the process or the console: these are passed in, so that one
// seed reproduces everything. Also fails if `verdict` imports more than types from folders that measure: it judges a
// record, so that the same code judges a simulated run.
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
    process.stderr.write(`src/verdict/${file}: verdict may import only types from folders that measure: ${line}\n`);
  }
}
process.exitCode = breaches > 0 ? 1 : 0;
