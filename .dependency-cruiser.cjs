// The architecture as rules: a folder imports only folders of lower rank, folders of one rank do
// not import each other, rooms of a folder stand in an order of their own, and pure folders touch
// neither Node nor the machine. src/README.md shows the same for readers.

const { readdirSync } = require('node:fs');
const { dirname, join } = require('node:path');

/** Folders by rank. */
const RANKS = [
  ['base'],
  ['wire', 'ring', 'stats', 'scenario', 'store'],
  ['switch', 'driver', 'protocol', 'result', 'transport', 'threads', 'measure', 'disk'],
  ['verdict', 'analysis', 'http'],
  ['plan'],
  ['simulate', 'run'],
  ['report'],
  ['cli'],
];

/**
 * Rooms of a folder by rank, and why they stand so. What is in a room imports, of its folder, only rooms before its
 * own; a room that is beside imports none, and none imports it. Files in the folder itself stand above its rooms, which
 * then do not import them; where they are the ground, they stand below, and import no room. So there is no circle of
 * folders.
 */
const ROOMS = {
  transport: {
    ranks: [['stream'], ['memory', 'tcp', 'node-tcp', 'ws'], ['tun']],
    beside: ['memory'],
    isGround: true,
    why: 'Each transport can be changed or left out without the others; those on Node streams share `stream`, and `tun` the system calls and rings of `tcp`.',
  },
  scenario: {
    ranks: [['terms'], ['keys']],
    why: 'The keys of one feature can be read without those of the others; the schema is made of all.',
  },
  'scenario/keys': {
    ranks: [['phones', 'switch', 'transport']],
    why: 'What phones are, what the switch does and what carries both are set apart; they share only the terms of scenarios.',
  },
  result: {
    ranks: [['sections']],
    why: 'A section of a result can be read without the others; the schema is made of all.',
  },
  store: {
    ranks: [['durable']],
    isGround: true,
    why: 'The log that lasts knows entries and windows of ids; the index of mailboxes knows no file.',
  },
  protocol: {
    ranks: [['trunkline']],
    why: 'Each protocol can be changed or left out without the others.',
  },
  'transport/tcp': {
    ranks: [['system'], ['sockets'], ['connections']],
    why: 'Calls of the system, ways to hold a socket, what a connection is: the two ends of a transport stand on these.',
  },
  'transport/tun': {
    ranks: [['packets'], ['tcp', 'network', 'device']],
    why: 'The TCP of phones, the networks that they are on and the device behind both meet in one interface, so each runs and is tested without the others.',
  },
  plan: {
    ranks: [['load', 'sizes'], ['sockets']],
    why: 'What phones do, and when, is planned without the sizes of tables; what sockets need is checked without the plan of a run, which is made from it.',
  },
  driver: {
    ranks: [
      ['terms'],
      ['tables', 'schedules'],
      ['groups', 'people', 'content', 'presence', 'misfits', 'storms'],
      ['state'],
      ['deliveries'],
    ],
    why: 'Tables hold what a lane knows, schedules say when something is due, and what phones know about groups, and who they are, follows from the seed: all can be read and tested without the lane that sends and receives for them. Deliveries share the state of a lane, which stands on all the rooms before them.',
  },
  switch: {
    ranks: [['terms'], ['tables'], ['admission'], ['homes'], ['groups', 'presence']],
    why: 'Tables hold what a shard knows, and homes own accounts: both can be read and tested without the phones of a shard. Groups and presence stand on both, and no home needs them.',
  },
  http: {
    ranks: [['api'], ['server', 'load']],
    why: 'What clients see stands apart from the server that answers them, and from the load that asks.',
  },
  verdict: {
    ranks: [['record'], ['guards']],
    why: 'A record is plain data and knows no limits; guards judge it one by one, and the result is built from both.',
  },
  run: {
    ranks: [['worker'], ['sides'], ['phases'], ['profile'], ['streams'], ['series'], ['revision']],
    beside: ['revision'],
    why: 'A run is a tower: threads, the sides they make up, the phases that watch sides, series of runs. Each can be read and tested without what is above it, and `revision` builds other commits without knowing what runs.',
  },
  'run/worker': {
    ranks: [['memory', 'reactors'], ['thread'], ['ends', 'store']],
    why: 'Shared memory and the loops of threads can be read and tested without what runs in them; ends of connections and threads of stores stand on both, and not on each other.',
  },
  'run/phases': {
    ranks: [['order', 'control', 'intervals'], ['traffic'], ['calibration']],
    why: 'A calibration is a short run by the same phases: it asks for those it needs, and not for what plans and orders whole runs.',
  },
  simulate: {
    ranks: [
      ['world', 'disk'],
      ['faults', 'checks'],
    ],
    why: 'Faults are done to the disk and the world; checks only listen, so that no check can depend on which faults there are.',
  },
  analysis: {
    ranks: [
      ['comparison', 'profile'],
      ['gate', 'ladder', 'capacity', 'history', 'simulation'],
    ],
    why: 'All questions about results rest on how two sides are compared, and on nothing of each other.',
  },
  report: {
    ranks: [
      ['text'],
      ['comparison'],
      ['gate', 'ladder', 'capacity', 'history', 'doctor', 'profile', 'run', 'simulation'],
      ['html'],
    ],
    why: 'What one report prints must not change because another does; they share only text and the rows of comparisons. Pages may repeat what is printed.',
  },
  'report/run': {
    ranks: [['disturbances'], ['lines']],
    why: 'What a storm or a fault cost is said apart from the other lines of a run, which may use its words for times.',
  },
  'report/html': {
    ranks: [
      ['browser'],
      ['svg'],
      ['comparison'],
      ['run', 'gate', 'ladder', 'capacity', 'history', 'profile', 'simulation'],
    ],
    beside: ['browser'],
    isGround: true,
    why: 'One kind of page must not change because another does; they share the files of the folder itself, drawings, and the rows of comparisons. What runs in the browser is bundled apart.',
  },
  'report/html/run': {
    ranks: [['disturbances'], ['sections']],
    why: 'Sections about storms and faults know nothing of the other sections of a run.',
  },
  cli: {
    ranks: [['terminal'], ['options'], ['pages'], ['commands']],
    why: 'An option is read the same by every command, a page is written the same by every command, and a terminal knows neither.',
  },
  'cli/commands': {
    ranks: [['run'], ['compare', 'search', 'serve', 'simulate', 'profile']],
    why: 'Commands that only make runs or series of them share how one is done; beyond that, one command can be changed or left out without the others.',
  },
};

/** What has no input and output: a new folder belongs here unless it must touch the machine. */
const PURE = require('./scripts/pure-folders.json');

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

/** A rule for each room, and one for each folder that all its rooms are known here. */
const rooms = Object.entries(ROOMS).flatMap(([folder, { ranks, beside = [], isGround = false, why }]) => {
  const name = folder.replaceAll('/', '-');
  const inRoom = (names) => `^src/${folder}/(${names.join('|')})/`;
  const ownFile = `^src/${folder}/[^/]+$`;
  const before = (rank) =>
    ranks
      .slice(0, rank)
      .flat()
      .filter((room) => !beside.includes(room));
  const each = ranks.flatMap((names, rank) =>
    names.map((room) => ({
      name: `room-${name}-${room}`,
      severity: 'error',
      comment: why,
      from: { path: inRoom([room]), pathNot: TESTS },
      to: {
        path: `^src/${folder}/`,
        pathNot: [inRoom([room, ...(beside.includes(room) ? [] : before(rank))]), ...(isGround ? [ownFile] : [])].join(
          '|',
        ),
      },
    })),
  );
  const known = {
    name: `room-known-${name}`,
    severity: 'error',
    comment: 'A room that no rule knows could import anything: give it a rank above.',
    from: { path: '^src/', pathNot: TESTS },
    to: { path: `^src/${folder}/[^/]+/`, pathNot: inRoom(ranks.flat()) },
  };
  const ground = {
    name: `ground-${name}`,
    severity: 'error',
    comment: 'Its rooms stand on the files of this folder: if those imported a room, the folders would be a circle.',
    from: { path: ownFile, pathNot: TESTS },
    to: { path: inRoom(ranks.flat()) },
  };
  return [...each, known, ...(isGround ? [ground] : [])];
});

/** Rooms without ranks could import one another in a circle, and no rule above would see it. */
const isCode = (file) => file.endsWith('.ts') && !new RegExp(TESTS).test(file);
for (const file of readdirSync(join(__dirname, 'src'), { recursive: true }).filter(isCode)) {
  const folder = dirname(dirname(file));
  if (folder !== '.' && folder !== '' && ROOMS[folder] === undefined) {
    throw new Error(`src/${file} is in a room of src/${folder}, which has no ranks: give it some in ROOMS`);
  }
}

module.exports = {
  forbidden: [
    ...layers,
    ...rooms,
    {
      name: 'folder-known',
      severity: 'error',
      comment: 'A folder that no rule knows could import anything: give it a rank above.',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: '^src/[^/]+/', pathNot: inFolder([...RANKS.flat(), 'fuzz']) },
    },
    {
      name: 'driver-speaks-no-protocol',
      severity: 'error',
      comment:
        'Phones speak through the interface in wire/phone-protocol.ts: a driver that knew frames could not test a server that speaks another protocol.',
      from: { path: inFolder(['driver']), pathNot: TESTS },
      to: { path: '^src/wire/(frames|parse-frames|frame-assembler|login)\\.ts$' },
    },
    {
      name: 'report-reads-results-only',
      severity: 'error',
      comment: 'A report that reached into a run could print what the stored result does not say.',
      from: { path: inFolder(['report']), pathNot: TESTS },
      to: { path: inFolder(['run', 'simulate']) },
    },
    {
      name: 'live-views-on-demand',
      severity: 'error',
      comment: 'Most runs have no terminal: what redraws one is loaded only where there is one, by a dynamic import.',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: '^src/cli/terminal/live-(series-)?view\\.ts$', dynamic: false },
    },
    {
      name: 'live-screen-is-of-live-views',
      severity: 'error',
      comment: 'Who loads the screen loads log-update.',
      from: { path: '^src/', pathNot: `^src/cli/terminal/live-((series-)?view|screen)\\.ts$|${TESTS}` },
      to: { path: '^src/cli/terminal/live-screen\\.ts$|^node_modules/log-update/' },
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
      from: { path: '^src/', pathNot: `${TESTS}|^src/report/html/browser/` }, // bundled by the build
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
