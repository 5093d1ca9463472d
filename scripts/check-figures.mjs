// Fails if a figure in the documents differs from the stored result that it comes from (scripts/figures.mjs has the
// bindings), if a row of a figures table has no binding, or if a stored result has no schema version or is not
// described.
//
//   node scripts/check-figures.mjs            part of npm run lint; needs a build, for the summaries
//   node scripts/check-figures.mjs --write    writes the current figures
//   … --root FOLDER                           checks the documents and results of another folder
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONSTANTS, SUMMARIES, TABLES } from './figures.mjs';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const isWriting = args.includes('--write');
const root = args.includes('--root') ? args[args.indexOf('--root') + 1] : REPOSITORY;
const RESULTS = join(root, 'results', 'reference');
const MAIN = join(REPOSITORY, 'dist', 'cli', 'main.js');

/** What a file is, and the version of its fields. */
const SCHEMA = /^trunkline\.[a-z-]+\/\d+$/;

const faults = [];
const kept = new Map();
function keptResult(name) {
  if (!kept.has(name)) kept.set(name, JSON.parse(readFileSync(join(RESULTS, `${name}.json`), 'utf8')));
  return kept.get(name);
}
const figureOf = ({ from, figure }) => figure(...from.map(keptResult));

const cellsOf = (line) => line.replace(/^\|\s*|\s*\|\s*$/g, '').split(/\s*\|\s*/);
const plain = (cell) => cell.replace(/[`*]/g, '').trim();
const isRow = (line) => line?.startsWith('|') ?? false;

/** The figure as written, or the current figure with --write. */
function settled(place, binding, found) {
  const figure = figureOf(binding);
  if (figure === found) return found;
  if (isWriting) {
    process.stdout.write(`${place}: ${found} → ${figure}\n`);
    return figure;
  }
  faults.push(`${place}: says "${found}", ${binding.from.map((name) => `${name}.json`).join(', ')} "${figure}"`);
  return found;
}

function checkTable(document, lines, start, bindings, seen) {
  const table = plain(cellsOf(lines[start])[0]);
  const rows = bindings[table];
  if (rows === undefined) {
    faults.push(
      `${document}:${start + 1}: the figures table "${table}" has no binding; add one in scripts/figures.mjs`,
    );
    return;
  }
  seen.add(table);
  const labels = new Set();
  for (let i = start + 2; isRow(lines[i]); i++) {
    const cells = cellsOf(lines[i]);
    const label = plain(cells[0]);
    labels.add(label);
    if (rows[label] === undefined) {
      faults.push(`${document}:${i + 1}: the row "${label}" has no binding; add one in scripts/figures.mjs`);
      continue;
    }
    cells[cells.length - 1] = settled(`${document}:${i + 1}`, rows[label], cells.at(-1));
    lines[i] = `| ${cells.join(' | ')} |`;
  }
  for (const label of Object.keys(rows)) {
    if (!labels.has(label)) faults.push(`${document}: the table "${table}" has no row "${label}", which has a binding`);
  }
}

function checkTables(document, lines) {
  const bindings = TABLES[document] ?? {};
  const seen = new Set();
  lines.forEach((line, i) => {
    const isHead = isRow(line) && !isRow(lines[i - 1]);
    if (isHead && plain(cellsOf(line).at(-1)) === 'measured') checkTable(document, lines, i, bindings, seen);
  });
  for (const table of Object.keys(bindings)) {
    if (!seen.has(table)) faults.push(`${document}: there is no figures table "${table}", which has a binding`);
  }
}

/** The lines of `trunkline report` for a stored result that a document shows. */
function summaryOf(name, wanted) {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} does not exist: run npm run build first`);
  const { stdout, stderr } = spawnSync(process.execPath, [MAIN, 'report', join(RESULTS, `${name}.json`)], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (stdout === '') throw new Error(`trunkline report ${name}.json: ${stderr}`);
  return stdout.split('\n').filter((line) => wanted.some((pattern) => pattern.test(line)));
}

function checkSummaries(document, lines) {
  for (const [name, wanted] of Object.entries(SUMMARIES[document] ?? {})) {
    const marker = lines.indexOf(`<!-- summary of ${name}.json -->`);
    const open = lines.indexOf('~~~', marker);
    const close = lines.indexOf('~~~', open + 1);
    if (marker < 0 || open < 0 || close < 0) {
      faults.push(`${document}: no block of ~~~ below "<!-- summary of ${name}.json -->"`);
      continue;
    }
    const summary = summaryOf(name, wanted);
    if (summary.join('\n') === lines.slice(open + 1, close).join('\n')) continue;
    if (isWriting) {
      process.stdout.write(`${document}: the summary of ${name}.json was updated\n`);
      lines.splice(open + 1, close - open - 1, ...summary);
    } else
      faults.push(`${document}:${open + 1}: the summary differs from what trunkline report prints of ${name}.json`);
  }
}

function checkConstants(document, lines) {
  for (const [start, binding] of Object.entries(CONSTANTS[document] ?? {})) {
    const at = lines.findIndex((line) => line.startsWith(start));
    if (at < 0) faults.push(`${document}: no line starts with "${start}", which has a binding`);
    else lines[at] = start + settled(`${document}:${at + 1}`, binding, lines[at].slice(start.length));
  }
}

/**
 * Checks that each stored result has a schema version and a row in the table of files, and that each row has its file.
 */
function checkFiles() {
  const document = 'results/reference/README.md';
  const rows = readFileSync(join(root, document), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const described = new Set(
    rows.flatMap((row) => [...cellsOf(row)[0].matchAll(/`([\w.-]+\.(?:json|md))`/g)]).map(([, name]) => name),
  );
  const files = readdirSync(RESULTS).filter((name) => name !== 'README.md');
  for (const name of files) if (!described.has(name)) faults.push(`${document}: no row describes ${name}`);
  for (const name of described)
    if (!files.includes(name)) faults.push(`${document}: describes ${name}, which does not exist`);
  for (const name of files.filter((file) => file.endsWith('.json'))) {
    const { schema } = keptResult(name.slice(0, -'.json'.length));
    if (!SCHEMA.test(schema)) faults.push(`${name}: expected a schema such as trunkline.result/1, found ${schema}`);
  }
}

for (const document of new Set([TABLES, SUMMARIES, CONSTANTS].flatMap(Object.keys))) {
  const path = join(root, document);
  const before = readFileSync(path, 'utf8');
  const lines = before.split('\n');
  checkTables(document, lines);
  checkSummaries(document, lines);
  checkConstants(document, lines);
  const after = lines.join('\n');
  if (isWriting && after !== before) writeFileSync(path, after);
}
checkFiles();
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\nnode scripts/check-figures.mjs --write writes the current figures\n`);
  process.exitCode = 1;
}
