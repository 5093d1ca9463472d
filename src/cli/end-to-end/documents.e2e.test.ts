/**
 * Every command of the README and of the manual is run, and its output checked. Long ones are shortened by settings
 * appended to their own words; runs of a series are made up where only what becomes of them is shown. A command that
 * is not in the table below fails the test, as does a row that no document contains.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import type { Outcome } from './support/command.test-suite.ts';
import { commandFolder, MADE_RUNS } from './support/command-folder.test-suite.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** How documents write the command: in a clone, and installed. */
const COMMAND = /^(?:node dist\/cli\/main\.js|trunkline) /;
const { path, start, trunkline } = commandFolder();
const AT_ONCE = 2;
const SECRET = { TRUNKLINE_SECRET: 'readme' };

const set = (...settings: string[]): string[] => settings.flatMap((setting) => ['--set', setting]);
const QUICK = set(
  'phases.calibrate=false',
  'phases.bin=100ms',
  'phases.settle=1s',
  'phases.measure=600ms',
  'phases.drain=2s',
  'traffic.activePhones=all',
  'traffic.rate=500',
  'login.rate=5k',
  'phones.count=1k',
  'switch.shards=1', // each thread takes as long to start as a small run works
  'driver.lanes=1',
  'switch.mailbox.blocks=16k',
  'thresholds={}',
);
/**
 * Larger than the machines that tests run on: everything is read, checked and planned, and then refused. For commands
 * that differ from others only in words which the plan already knows.
 */
const TOO_LARGE: Row = {
  more: set('switch.mailbox.blocks=500M'),
  codes: [2],
  says: /^trunkline: PLAN_EXCEEDS_MEMORY: /,
};
/** A run is right whatever the machine was doing meanwhile: 3 says that its figures are not to be quoted. */
const RAN = [0, 3];
const JUDGED = [0, 1, 3, 4];

interface Row {
  /** After the words of the README. */
  readonly more?: readonly string[];
  /** In place of some of its words. */
  readonly instead?: Readonly<Record<string, string>>;
  /** Runs that are made up. */
  readonly isMade?: boolean;
  readonly codes?: readonly number[];
  readonly says: RegExp;
  readonly leaves?: string;
}

/** How a summary of a run begins, and that it counts what was held. */
const summary = (name: string, transport: string): RegExp =>
  new RegExp(
    `^trunkline ${name} · transport ${transport}${transport === 'memory' ? ' · simulated' : ''}[\\s\\S]*connections  [\\d,]+ held of [\\d,]+ wanted`,
  );

const TABLE: Readonly<Record<string, Row>> = {
  'run smoke': TOO_LARGE, // npm start runs it below
  'run smoke --set switch.shards=1': TOO_LARGE,
  'run smoke -c 20k -d 5s -w 1': TOO_LARGE,
  'run ./scenario.yaml': { more: QUICK, codes: RAN, says: summary('mine', 'memory') },
  'run million --set switch.placement=home': TOO_LARGE,
  'run hundred-million': TOO_LARGE,
  'run whatsapp-2014-server --step simulated': TOO_LARGE,
  'run storm-1m --step admitted': TOO_LARGE,
  'run subway': { ...TOO_LARGE, says: /^trunkline: PLAN_EXCEEDS_/ }, // which limit is first depends on the machine
  'run smoke --set switch.durability=fsync --store mail': {
    instead: { mail: 'run-mail' }, // so that the command after it finds none
    more: QUICK,
    codes: RAN,
    says: /durability +fsync, in ".*run-mail"/,
    leaves: 'run-mail/store.json',
  },
  'store check mail': { codes: [2], says: /^trunkline: STORE_MISSING: .*mail/ }, // stores are checked in killed-switch.e2e.test.ts
  'run tcp-100k': TOO_LARGE, // it runs below, with -c 20k -d 10 -w 1 -j
  'run transports': {
    more: [...QUICK, '--step', 'memory', '--step', 'ws'],
    codes: RAN,
    says: /memory[\s\S]*ws[\s\S]*2 of 2 steps run/,
  },
  'run idle-ladder --step 200k': TOO_LARGE,
  'run idle-ladder --step 1M': TOO_LARGE,
  // Over tun without koffi its limits are refused first.
  'run idle-ladder --step 1M --transport best-real': {
    ...TOO_LARGE,
    says: /^note: best-real is (tun|tcp) here: .*\ntrunkline: PLAN_EXCEEDS_[\s\S]* connections over \1 do not fit/,
  },
  'doctor idle-ladder --step 1M --set transport=best-real': {
    codes: [0, 2],
    says: /^trunkline doctor idle-ladder · transport (tun|tcp) · 1,000,000 [\s\S]*plan +best-real is \1 here: /,
  },
  'run http-100k': { more: [...QUICK, ...set('http.load.rate=100')], codes: RAN, says: summary('http-100k', 'tcp') },
  'run million --stream prometheus=9464 --stream csv=intervals.csv': {
    instead: { 'prometheus=9464': 'prometheus=0' },
    more: QUICK,
    codes: RAN,
    says: summary('million', 'memory'),
    leaves: 'intervals.csv',
  },
  'profile smoke': { more: QUICK, codes: RAN, says: /shard-0[\s\S]*lane-0/ },
  'doctor idle-ladder': { codes: [0, 2], says: /^trunkline doctor idle-ladder · 12 steps[\s\S]*1M +tcp +1,000,000/ },
  'run ./mine.yaml --json': { codes: RAN, says: /^\{\s*"schema": "trunkline\.result\/\d+"[\s\S]*"name": "tiny"/ },
  'simulate heartbeats-only --set phones.heartbeat=10m --set traffic.rate=300/s': {
    // A third of an hour of so few phones takes seconds; crashes are rare, and one is sure to happen.
    more: set('phones.count=200', 'simulate.time=20m', 'simulate.faults.shardCrashes=0.01/s', 'traffic.rate=2/s'),
    says: /^Seed 1: all checks passed\.[\s\S]* of virtual time in [\s\S]*shardCrashes +\d/,
  },
  'run smoke --repeat 5': { isMade: true, says: /5 runs[\s\S]*latency\.delivery p\(99\)/ },
  "capacity smoke --limit 'latency.delivery: p(99)<20ms'": {
    // Two loads so near each other that the search ends with them; phones that stay, so that all is at rest soon after
    // a trial.
    more: [
      ...QUICK,
      ...set('phones.offline=0', 'phones.session=none'),
      ...['--from', '2k', '--to', '2020', '--trial', '500ms', '--confirm', '0'],
    ],
    codes: JUDGED,
    says: /latency\.delivery p\(99\)<20ms[\s\S]*capacity\.json/,
  },
  'ladder ws-to-tcp': { more: ['--for', '1ms'], codes: [4], says: /ws-to-tcp[\s\S]*0 of \d+ runs/ },
  doctor: { says: /^trunkline doctor: what this machine allows[\s\S]*connections, both ends on this machine/ },
  'doctor ./scenario.yaml': {
    codes: [0, 2],
    says: /^trunkline doctor mine · transport memory · 20,000 simulated phones/,
  },
  'doctor million --set transport=tcp': {
    codes: [0, 2],
    says: /^trunkline doctor million · transport tcp · 1,002,750 connections, both ends on this machine\n(NOT )?OK/,
  },
  metrics: {
    says: /^metric .*\nmemory\.switch\.bytesPerConnection .*\n[\s\S]*latency\.delivery +avg min max med p\(N\) +µs/,
  },
  'run tcp-100k -c 20k -d 10 -w 1 -j': {
    more: QUICK,
    codes: RAN,
    says: /^\{\s*"schema": "trunkline\.result[\s\S]*"transport": "tcp"[\s\S]*"shards": 1/,
  },
  '--help': { says: /^trunkline <command>[\s\S]*trunkline metrics/ },
  'aa smoke': { isMade: true, says: /made against itself: \d+ of \d+ metrics are precise enough to gate/ },
  'compare smoke --candidate-set switch.shards=1': {
    isMade: true,
    says: /^Equivalent[\s\S]*latency\.delivery p\(99\)/,
  },
  'compare smoke --candidate-set switch.shards=4': {
    isMade: true,
    says: /^Equivalent[\s\S]*latency\.delivery p\(99\)/,
  },
  'compare --results old --against new': { says: /unpaired/i },
  'gate self before.yaml after.yaml --junit gate.xml': {
    isMade: true,
    codes: JUDGED,
    says: /memory\.switch\.bytesPerConnection < 41B/,
    leaves: 'gate.xml',
  },
  'gate self self --base-revision main': {
    // To build a revision takes as long as all others together: here it is refused, for its name alone.
    instead: { main: 'no-such-revision' },
    more: ['--allow-dirty'],
    codes: [2],
    says: /no-such-revision/,
  },
  'gate rules.yaml smoke --save-baseline baselines': {
    isMade: true,
    says: /memory\.switch\.bytesPerConnection/,
    leaves: 'baselines',
  },
  'gate rules.yaml before.yaml after.yaml': {
    isMade: true,
    codes: JUDGED,
    says: /memory\.switch\.bytesPerConnection/,
  },
  'gate rules.yaml smoke --baseline baselines': {
    // The folder of a baseline that is not there: the one that the command before it stores may not be stored yet.
    instead: { baselines: 'no-such-baselines' },
    codes: [2],
    says: /BASELINE_MISSING[\s\S]*no-such-baselines/,
  },
  init: { more: ['scenario', 'made-scenario.yaml'], says: /^Wrote made-scenario\.yaml/, leaves: 'made-scenario.yaml' },
  'init rules': { more: ['made-rules.yaml'], says: /^Wrote made-rules\.yaml/, leaves: 'made-rules.yaml' },
  'simulate faults --seed 7': { more: set('simulate.time=100ms'), says: /^Seed 7: all checks passed\./ },
  'simulate faults --seeds 200': {
    instead: { 200: '3' },
    more: set('simulate.time=100ms'),
    says: /^3 seeds from 1: all checks passed\.[\s\S]*simulation\.json/,
  },
  'history smoke': { more: ['--out', 'old'], says: /memory\.switch\.bytesPerConnection/ },
  'report results/RUN': { instead: { 'results/RUN': 'old/run-0' }, says: /^trunkline smoke · / },
  'report results/RUN --format html': { instead: { 'results/RUN': 'old/run-0' }, says: /^<!doctype html>/i },
  'report results/RUN --format markdown': { instead: { 'results/RUN': 'old/run-0' }, says: /^## trunkline smoke/ },
};
/** Run together: the one needs the other's port. */
const TWO_SIDES = ['serve --scenario million --listen 10.0.0.1:8765', 'drive million --target 10.0.0.1:8765'];
const HTTP_SIDE = 'serve --http 8080';
/** Not of the command itself. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm start': 'runs below',
  'npm test': 'is what runs this',
  'npm run test:fast': 'is part of what runs this',
  'npm run build': 'was done before this runs',
  'npm run bench': 'measures for minutes; each benchmark has a test of its own',
  'npm run soak': 'churns for half an hour',
  'export TRUNKLINE_SECRET=…': 'is the environment of the two sides, and of the HTTP side',
};

/** The documents that users follow. */
function documents(): string[] {
  const manual = readdirSync(`${ROOT}/docs`).filter((file) => file.endsWith('.md'));
  return ['README.md', ...manual.map((file) => `docs/${file}`)];
}

/** Lines of fenced blocks without a language, without comments and redirections. */
function commandsOf(document: string): string[] {
  const blocks = [...readFileSync(`${ROOT}/${document}`, 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)];
  return blocks
    .filter(([, language]) => language === '')
    .flatMap(([, , block = '']) => block.split('\n'))
    .map((line) =>
      line
        .replace(/\s+#.*$/, '')
        .replace(/ > \S+$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

function check(line: string, { codes = [0], says, leaves }: Row, { code, stdout, stderr }: Outcome): void {
  const all = `trunkline ${line}: ${code}\n${stdout}\n${stderr}`;
  assert.ok(codes.includes(code ?? -1), all);
  assert.match(stdout === '' ? stderr : stdout, says, all);
  assert.doesNotMatch(stderr, /bug in trunkline/, all);
  if (leaves !== undefined)
    assert.ok(
      existsSync(path(leaves)),
      `${leaves} is there
${all}`,
    );
}

const lines = new Set(documents().flatMap(commandsOf));
const own = [...lines].filter((line) => COMMAND.test(line)).map((line) => line.replace(COMMAND, ''));

describe('README and manual', () => {
  it('have no command that is not run here, and none is run here that they do not have', () => {
    const known = [...Object.keys(TABLE), ...TWO_SIDES, HTTP_SIDE];
    assert.deepEqual([...new Set(own)].sort(), [...known].sort());
    const others = [...lines].filter((line) => !COMMAND.test(line));
    assert.deepEqual([...others].sort(), Object.keys(ELSEWHERE).sort());
  });

  it('have no link to a file or heading that does not exist', () => {
    const anchorOf = (heading: string): string =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-');
    for (const document of documents()) {
      const text = readFileSync(`${ROOT}/${document}`, 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const path = file === '' ? `${ROOT}/${document}` : `${ROOT}/${dirname(document)}/${file}`;
        assert.ok(existsSync(path), `${document}: ${target}`);
        if (anchor === undefined) continue;
        const headings = [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
        assert.ok(headings.map(anchorOf).includes(anchor), `${document}: ${target}`);
      }
    }
  });
});

describe('a command of the documents', { concurrency: AT_ONCE }, () => {
  before(() => {
    const tiny = readFileSync(path('tiny.yaml'), 'utf8');
    writeFileSync(path('mine.yaml'), tiny);
    writeFileSync(path('scenario.yaml'), readFileSync(`${ROOT}/scenarios/templates/scenario.yaml`));
    writeFileSync(path('before.yaml'), tiny);
    writeFileSync(path('after.yaml'), tiny.replace('for tests', 'for tests of what is new'));
    writeFileSync(
      path('rules.yaml'),
      'looks: [6]\nabsolute: [memory.switch.bytesPerConnection < 1KiB]\nrelative: [memory.switch.bytesPerConnection]\n',
    );
    for (const side of ['old', 'new']) {
      for (let i = 0; i < 8; i++) {
        mkdirSync(path(`${side}/run-${i}`), { recursive: true });
        const made = madeResult();
        const result = { ...made, id: `${side}-${i}`, scenario: { ...made.scenario, name: 'smoke' } };
        writeFileSync(path(`${side}/run-${i}/result.json`), JSON.stringify(result));
      }
    }
  });

  for (const [line, row] of Object.entries(TABLE)) {
    it(line, async () => {
      const words = wordsOf(line).map((word) => row.instead?.[word] ?? word);
      const environment = row.isMade === true ? { ...MADE_RUNS, GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '' } : {};
      check(line, row, await trunkline([...words, ...(row.more ?? [])], environment));
    });
  }

  it(TWO_SIDES.join(', then '), async () => {
    const [serving = '', driving = ''] = TWO_SIDES;
    const here = (line: string, address: string): string[] =>
      wordsOf(line).map((word) => (word === '10.0.0.1:8765' ? address : word));
    const serve = start([...here(serving, '127.0.0.1:0'), ...QUICK], SECRET);
    const [, address = ''] = await serve.says(/Listening on ([\d.:]+)/);
    const driven = await trunkline([...here(driving, address), ...QUICK], SECRET);
    check(driving, { codes: RAN, says: summary('million', 'tcp') }, driven);
    serve.child.kill('SIGTERM');
    const { code, stdout } = await serve.outcome;
    assert.equal(code, 0);
    assert.match(stdout, /drained/i);
  });

  it(`${HTTP_SIDE}, then the shell commands of the page`, { skip: !existsSync('/usr/bin/openssl') }, async () => {
    const serve = start([...wordsOf(HTTP_SIDE.replace('8080', '0')), '--listen', '127.0.0.1:0'], SECRET);
    const [, address = ''] = await serve.says(/HTTP on http:\/\/([\d.:]+)/);
    const [, commands = ''] = /^```sh\n([\s\S]*?)^```/m.exec(readFileSync(`${ROOT}/docs/http.md`, 'utf8')) ?? [];
    const answer = execFileSync('bash', ['-ec', commands.replace('127.0.0.1:8080', address)], {
      encoding: 'utf8',
      env: { ...process.env, ...SECRET },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.deepEqual(JSON.parse(answer), { id: 1, from: '447701000000', to: '447700000005' });
    serve.child.kill('SIGTERM');
    assert.equal((await serve.outcome).code, 0);
  });

  it('npm start, with a smaller scenario in place of its million', async () => {
    const child = spawn(
      process.execPath,
      [`${ROOT}/scripts/start.mjs`, 'run', 'smoke', ...QUICK, '--out', path('start')],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    check('npm start', { codes: RAN, says: summary('smoke', 'memory') }, { code, stdout, stderr: '' });
  });
});
