// The architecture as rules: a folder imports only folders of lower rank, folders of one rank do
// not import each other, pure folders touch neither Node nor the machine.

/** Folders by rank. */
const RANKS = [
  ['base'],
  ['wire', 'ring', 'stats', 'scenario'],
  ['switch', 'driver', 'result', 'transport', 'threads', 'measure'],
  ['verdict', 'analysis'],
  ['simulate', 'run'],
  ['report'],
  ['cli'],
];
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

const inFolder = (names) => `^src/(${names.join('|')})/`;
const TESTS = '\\.(test|bench|test-worker|test-suite)\\.ts$';

const layers = RANKS.flatMap((folders, rank) =>
  folders.map((folder) => {
    const allowed = [folder, ...RANKS.slice(0, rank).flat()];
    return {
      name: `layer-${folder}`,
      severity: 'error',
      comment: 'Imports run one way, so that a core can be understood, tested and simulated without what is above it.',
      from: { path: inFolder([folder]), pathNot: TESTS },
      to: { path: '^src/', pathNot: inFolder(allowed) },
    };
  }),
);

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'report-reads-results-only',
      severity: 'error',
      comment: 'A report that reached into a run could print what the stored result does not say.',
      from: { path: inFolder(['report']), pathNot: TESTS },
      to: { path: inFolder(['run', 'simulate']) },
    },
    {
      name: 'fuzzers-are-for-tests',
      severity: 'error',
      comment: 'What fuzzes the product is no part of it.',
      from: { path: '^src/', pathNot: `${inFolder(['fuzz'])}|${TESTS}` },
      to: { path: inFolder(['fuzz']) },
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'A circle of files has no bottom to start reading or testing from.',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'pure-folders-know-no-node',
      severity: 'error',
      comment: 'Clock, randomness, sockets and disk are passed in: one seed replays everything.',
      from: { path: inFolder(PURE), pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'What cannot be found here cannot be found by anyone.',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'production-without-development-packages',
      severity: 'error',
      comment: 'Whoever installs the package does not get them.',
      from: { path: '^src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      conditionNames: ['import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
