// Fails if a pure folder uses a clock, a random source, the process or the console: these are passed in, so that one
// seed reproduces everything. What a pure file imports loads no module of Node either, however far away. Also fails if
// `verdict` imports more than types from folders that measure: it judges a record, so that the same code judges a
// simulated run.
//
//   node scripts/check-purity.mjs                  part of npm run lint
//   node scripts/check-purity.mjs --root FOLDER    the sources of another folder
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PURE = JSON.parse(readFileSync(new URL('pure-folders.json', import.meta.url), 'utf8'));
const IMPURE =
  /(?<!\.)\b(Date\.now|new Date\b|performance\.|Math\.random|process\.|console\.|setTimeout|setInterval|setImmediate)/;

/** An import that is there when the code runs: not one of types alone. */
const IMPORT = /^(?:import|export) (?!type )(?!\{(?:\s*type \w+,?)+\s*\} from)(?:[^;']*? from )?'([^']+)'/gm;
const MEASURING = /^(?:measure|transport|threads)\//;

const args = process.argv.slice(2);
const root = args.includes('--root')
  ? args[args.indexOf('--root') + 1]
  : dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const isCode = (file) => file.endsWith('.ts') && !/\.(test|bench|test-worker|test-suite)\.ts$/.test(file);
const withoutComments = (line) => line.replace(/^\s*(\/?\*|\/\/).*|\s\/\/.*$/, '');

/** What a file imports, as paths in `src` or names of modules; read once. */
const imports = new Map();
function importsOf(file) {
  const known = imports.get(file);
  if (known !== undefined) return known;
  const found = [...readFileSync(join(source, file), 'utf8').matchAll(IMPORT)].map(([, name]) =>
    name.startsWith('.') ? join(dirname(file), name) : name,
  );
  imports.set(file, found);
  return found;
}

/** The way from a file to a module of Node that is loaded with it; null if there is none. */
const ways = new Map();
function wayToNode(file) {
  if (ways.has(file)) return ways.get(file);
  ways.set(file, null); // for circles
  for (const name of importsOf(file)) {
    if (!name.startsWith('node:') && !name.endsWith('.ts')) continue; // a package
    const way = name.startsWith('node:') ? [name] : wayToNode(name);
    if (way !== null) ways.set(file, [file, ...way]);
  }
  return ways.get(file);
}

let breaches = 0;
for (const folder of PURE) {
  for (const file of readdirSync(join(source, folder), { recursive: true }).filter(isCode)) {
    const way = wayToNode(join(folder, file));
    if (way !== null) {
      breaches++;
      process.stderr.write(`src/${folder}/${file}: a pure folder loads ${way.slice(1).join(', which loads ')}\n`);
    }
    const lines = readFileSync(join(source, folder, file), 'utf8').split('\n');
    lines.forEach((line, i) => {
      const match = IMPURE.exec(withoutComments(line));
      if (match === null) return;
      breaches++;
      process.stderr.write(`src/${folder}/${file}:${i + 1}: a pure folder calls ${match[0]}\n`);
    });
  }
}
for (const file of readdirSync(join(source, 'verdict'), { recursive: true }).filter(isCode)) {
  for (const name of importsOf(join('verdict', file)).filter((one) => MEASURING.test(one))) {
    breaches++;
    process.stderr.write(`src/verdict/${file}: verdict may import only types from folders that measure: ${name}\n`);
  }
}
process.exitCode = breaches > 0 ? 1 : 0;
