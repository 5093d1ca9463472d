// Installs missing dependencies and builds changed sources, each only once. With --check it does nothing, and fails if
// there is something to build.
//
// The installed dependencies are identified by the digest of the lockfile, the build by the digest of all sources,
// because modification times mean nothing after a clone. Each digest is written when its work has succeeded, and
// removed before the work begins, so that work which failed half way is done again, whatever the sources are by then.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inRoot = (...parts) => join(root, ...parts);
const INSTALLED = inRoot('node_modules', '.trunkline-installed');
const BUILT = inRoot('dist', '.trunkline-built');

/** The entries of the processes that commands run in or start often. */
const PROGRAM_ENTRIES = [
  'cli/main.js',
  'run/sides/side-main.js',
  'run/phases/step-main.js',
  'run/phases/calibration/calibration-main.js',
];

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** The same in every clone, so that a tree can share the modules of another. */
function digestOf(files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function isStamped(stamp, digest) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
}

function run(command, args) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
}

function install() {
  const digest = digestOf([inRoot('package.json'), inRoot('package-lock.json')]);
  if (isStamped(INSTALLED, digest)) return;
  process.stderr.write('Installing dependencies …\n');
  rmSync(INSTALLED, { force: true }); // npm does not remove it, and a failed installation is none
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(INSTALLED, digest);
}

function sourceDigest() {
  const how = [fileURLToPath(import.meta.url), inRoot('tsconfig.json'), inRoot('package.json')];
  return digestOf([...how, ...filesBelow(inRoot('src'))]);
}

/**
 * Bundles the code of worker threads without comments, for runs with many threads (run-pool.ts). Each loads it into its
 * own heap, where a hundred separate modules would take 2 MB more. Names of functions stay: profiles show them, and know by
 * them when a thread sleeps.
 */
async function bundleWorker() {
  const { build: bundle } = await import('esbuild');
  await bundle({
    entryPoints: [inRoot('dist', 'run', 'worker', 'worker-main.js')],
    outdir: inRoot('dist', 'worker'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    minifyWhitespace: true,
    legalComments: 'none',
    sourcemap: 'external', // for profiles; no thread loads it
    sourcesContent: false,
    logLevel: 'warning',
  });
}

/**
 * Bundles the processes of the program in place. Node takes about a millisecond of processor time per module, and a
 * command has some 500, most of them its own and those of zod and yargs; a bundle has a few dozen.
 *
 * A module in a bundle still sees its own address: several find files, or entries of processes, relative to it.
 */
async function bundleProgram() {
  const { build: bundle } = await import('esbuild');
  const dist = inRoot('dist');
  const ownAddress = {
    name: 'own-address',
    setup: (build) =>
      build.onLoad({ filter: /[/\\]dist[/\\].*\.js$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const address = `(__dist + ${JSON.stringify(relative(dist, path).replaceAll('\\', '/'))})`;
        return { contents: text.replaceAll('import.meta.url', address) };
      }),
  };
  const { metafile } = await bundle({
    absWorkingDir: root, // names in the bundle are relative to it, so that builds in different folders are equal
    entryPoints: PROGRAM_ENTRIES.map((entry) => `dist/${entry}`),
    outdir: 'dist',
    outbase: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: ['koffi', 'ws', 'autocannon', 'prom-client'], // native code, or needed by few runs
    plugins: [ownAddress],
    banner: {
      js: [
        "import { createRequire as __createRequire } from 'node:module';",
        "const __dist = import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + '/dist/'.length);",
        'const require = __createRequire(import.meta.url);', // for packages that are CommonJS
      ].join('\n'),
    },
    legalComments: 'none',
    sourcemap: 'linked', // no process loads it, unless coverage is measured
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(inRoot('dist', 'LICENCES.txt'), licencesOf(Object.keys(metafile.inputs)));
}

/** The licences of the packages that files are from. */
function licencesOf(files) {
  const packages = files.map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]);
  const texts = [...new Set(packages.filter((folder) => folder !== undefined))].sort().map((folder) => {
    const licence = readdirSync(inRoot(folder)).find((name) => /^licen[cs]e/i.test(name));
    const text = licence === undefined ? 'See its package.json.' : readFileSync(inRoot(folder, licence), 'utf8').trim();
    return `${folder.slice(folder.indexOf('node_modules/') + 'node_modules/'.length)}\n\n${text}\n`;
  });
  return `The build contains code of these packages:\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/**
 * Bundles what every HTML report contains: the script, with uPlot and its licence, and the style. A report holds both
 * literally, so that it is one file that needs no network.
 */
async function bundlePage() {
  const { build: bundle } = await import('esbuild');
  const licence = readFileSync(inRoot('node_modules', 'uplot', 'LICENSE'), 'utf8').trim();
  await bundle({
    entryPoints: {
      page: inRoot('dist', 'report', 'html', 'browser', 'page-main.js'),
      style: inRoot('src', 'report', 'html', 'page.css'),
    },
    outdir: inRoot('dist', 'page'),
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome105', 'firefox115', 'safari16'],
    minify: true,
    charset: 'utf8',
    banner: { js: `/*! This script contains uPlot (https://github.com/leeoniya/uPlot):\n\n${licence}\n*/` },
    legalComments: 'none',
    logLevel: 'warning',
  });
}

async function build() {
  const digest = sourceDigest();
  if (isStamped(BUILT, digest)) return;
  process.stderr.write('Building …\n');
  rmSync(BUILT, { force: true }); // before the rest, whose removal may be interrupted
  rmSync(inRoot('dist'), { recursive: true, force: true }); // removes the output of deleted sources
  run(process.execPath, [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-p', root]);
  run(process.execPath, [inRoot('dist', 'cli', 'write-schemas.js')]);
  await bundleWorker();
  await bundleProgram();
  await bundlePage();
  mkdirSync(inRoot('dist'), { recursive: true });
  writeFileSync(BUILT, digest);
}

try {
  if (process.argv.includes('--check')) {
    if (!isStamped(BUILT, sourceDigest())) throw new Error('the build does not match the sources.');
  } else {
    install();
    await build();
  }
} catch (error) {
  process.stderr.write(`Set-up failed: ${error.message}\n`);
  process.exit(1);
}
