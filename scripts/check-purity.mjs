// Fails where a pure folder calls a clock, a random source, the process or the console: what the
// core needs of these is passed in, so that one seed replays everything.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PURE = [
  'base',
  'wire',
  'ring',
  'stats',
  'scenario',
  'switch',
  'driver',
  'result',
  'transport/memory',
  'verdict',
  'analysis',
  'simulate',
  'report',
];
const IMPURE =
  /(?<!\.)\b(Date\.now|new Date\b|performance\.|Math\.random|process\.|console\.|setTimeout|setInterval|setImmediate)/;

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
process.exitCode = breaches > 0 ? 1 : 0;
