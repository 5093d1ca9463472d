/**
 * Whatever people type by mistake: exit 2 and one sentence that names what was typed, before anything starts.
 * Rows are typed one after the other in two processes; what is not refused at once would run for seconds and print
 * progress.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TrunklineError } from '../../base/errors.ts';
import { aaCommand } from '../commands/compare/aa-command.ts';
import { compareCommand } from '../commands/compare/compare-command.ts';
import { gateCommand } from '../commands/compare/gate-command.ts';
import { doctorCommand } from '../commands/doctor-command.ts';
import { historyCommand } from '../commands/history-command.ts';
import { metricsCommand } from '../commands/metrics-command.ts';
import { reportCommand } from '../commands/report-command.ts';
import { runCommand } from '../commands/run/run-command.ts';
import { capacityCommand } from '../commands/search/capacity-command.ts';
import { ladderCommand } from '../commands/search/ladder-command.ts';
import { driveCommand } from '../commands/serve/drive-command.ts';
import { serveCommand } from '../commands/serve/serve-command.ts';
import { checkWords } from '../options/check-words.ts';
import { type Command, declaredCommand } from '../options/declared-command.ts';
import type { Outcome } from './support/command.test-suite.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';
import type { TypedCommand } from './support/typed-commands.test-worker.ts';

const { path, trunkline } = commandFolder();
const AT_ONCE = 2;
const TYPED_COMMANDS = fileURLToPath(new URL('./support/typed-commands.test-worker.js', import.meta.url));
const NO_SECRET = { secret: undefined, 'secret-file': undefined };
const REFERENCE = fileURLToPath(new URL('../../../results/reference', import.meta.url));

/** Each command with words that would do. */
const COMMANDS: readonly (readonly [Command, words: readonly string[]])[] = [
  [declaredCommand(runCommand()), ['./tiny.yaml']],
  [declaredCommand(compareCommand()), ['./tiny.yaml']],
  [declaredCommand(aaCommand()), ['./tiny.yaml']],
  [declaredCommand(gateCommand()), ['self', './tiny.yaml']],
  [declaredCommand(historyCommand()), ['tiny']],
  [declaredCommand(reportCommand()), ['results/x']],
  [declaredCommand(serveCommand(NO_SECRET)), []],
  [declaredCommand(driveCommand(NO_SECRET)), ['./tiny.yaml']],
  [declaredCommand(capacityCommand()), ['./tiny.yaml']],
  [declaredCommand(ladderCommand()), ['ws-to-tcp']],
  [declaredCommand(doctorCommand()), ['./tiny.yaml']],
  [declaredCommand(metricsCommand()), []],
];

type Row = readonly [typed: readonly string[], says: RegExp, environment?: Readonly<Record<string, string>>];

const words = (text: string): string[] => text.split(' ');
const row = (typed: string, says: RegExp, environment?: Readonly<Record<string, string>>): Row =>
  environment === undefined ? [words(typed), says] : [words(typed), says, environment];

const GATE = 'gate self ./tiny.yaml --candidate-set description=other';
const WRONG: readonly Row[] = [
  [[], /Expected a command, such as .*, found none/],
  row('nope', /There is no command "nope"; there are run, compare/),
  row('nope --help', /There is no command "nope"/),
  row('help nope', /There is no command "nope"/),
  row('rnu ./tiny.yaml', /There is no command "rnu"; did you mean "run"\?/),
  row('--hlep', /There is no option --hlep; did you mean "--help"\?/),
  row('run', /Expected trunkline run <scenario\.\.>, found no scenario\. See trunkline run --help/),
  row('run ./tiny.yaml --hlep', /trunkline run has no option --hlep; did you mean "--help"\?/),
  row('run ./tiny.yaml -x', /trunkline run has no option -x/),
  row('run ./tiny.yaml --json=maybe', /--json takes no value, found "maybe"/),
  row('run ./tiny.yaml --json --format markdown', /--json and --format markdown contradict each other/),
  row('run ./tiny.yaml --repeat abc', /--repeat: expected a number of at least 0, such as 10, found "abc"/),
  row('run ./tiny.yaml --repeat -1', /--repeat: expected a number of at least 0, such as 10, found "-1"/),
  row('run ./tiny.yaml --repeat 0', /--repeat: expected 1 to 1000 runs, found 0/),
  row('run ./tiny.yaml --repeat 2.5', /--repeat: expected 1 to 1000 runs, found 2\.5/),
  row('run ./tiny.yaml --repeat 1M', /--repeat: expected 1 to 1000 runs, found 1000000/),
  row('run ./tiny.yaml --resume x', /--resume x: expected --repeat N as well/),
  row('run ./tiny.yaml --resume x --repeat 2', /--resume x: expected the folder of a series/),
  row(
    'run ./tiny.yaml --transport udp',
    /--transport: expected one of memory, tcp, tun, node-tcp, ws, best-real, found "udp"/,
  ),
  row('run ./tiny.yaml --step one', /--step one: there are no steps/),
  row('run ./tiny.yaml ./tiny.yaml', /found \.\/tiny\.yaml twice: use --repeat N to run it several times/),
  row(
    'run ./tiny.yaml ./twin.yaml',
    /found "tiny" in \.\/tiny\.yaml and in \.\/twin\.yaml: change the key 'name' of one/,
  ),
  row('run ./two.yaml', /two\.yaml:\d+:\d+: expected one document, found another after ---/),
  row('run ./bomb.yaml', /bomb\.yaml: expected valid YAML, found .*alias/i),
  row('run ./deep.yaml', /SCENARIO_INVALID: \.\/deep\.yaml/),
  row('run ./keys.yaml', /keys\.yaml:\d+:\d+: unknown key "key\d+"[\s\S]*and 49990 more/),
  row(
    'run ./binary.yaml',
    /SCENARIO_UNREADABLE: \.\/binary\.yaml: expected a YAML file that can be read: it is not text \(UTF-8\)\.$/m,
  ),
  row('run ./empty.yaml', /\.\/empty\.yaml: the file is empty; a scenario was expected/),
  row('run ./nope.yaml', /\.\/nope\.yaml: expected a YAML file that can be read/),
  row('run ./folder', /\.\/folder: expected a YAML file that can be read: it is a folder/),
  row('run /dev/zero', /\/dev\/zero: expected a YAML file that can be read: it is longer than 1 MiB/),
  row('run smok', /There is no scenario "smok"; did you mean "smoke"\?/),
  [['run', ''], /found no scenario/],
  row('run ./tiny.yaml --set phones.count', /--set phones\.count: expected key=value/),
  row('run ./tiny.yaml --set phones.cuont=5', /unknown key "phones\.cuont"; did you mean "count"\?/),
  row('run ./tiny.yaml --set thresholds.held=value>=1', /no metric "held"; did you mean "connections\.held"\?/),
  row('run ./tiny.yaml --set thresholds.latency.delivery=<5ms', /latency\.delivery has avg, min, max, med, p\(N\)/),
  row('run ./tiny.yaml -c many', /--phones: expected a whole number of at least 1, such as 20k, found "many"/),
  row('run ./tiny.yaml -d soon', /--measure: expected a duration such as 10s, found "soon"/),
  row('run ./tiny.yaml -w 0', /--threads: expected a whole number of at least 1, such as 2, found "0"/),
  row('run ./tiny.yaml --out /proc/x', /--out \/proc\/x: expected a folder that can be written/),
  row('run ./tiny.yaml --out tiny.yaml', /--out tiny\.yaml: expected a folder that can be written: .* is a file/),
  row(
    'run ./tiny.yaml --out tiny.yaml/x',
    /expected a folder that can be written: .*tiny\.yaml is a file, not a folder/,
  ),
  row('run ./tiny.yaml --stream', /--stream/),
  row('run ./tiny.yaml --stream udp=1', /--stream: expected prometheus=PORT, csv=FILE, .*found "udp=1"/),
  row('run ./tiny.yaml --stream csv=', /--stream: expected prometheus=PORT, csv=FILE, .*found "csv="/),
  row('run ./tiny.yaml --stream prometheus=66000', /--stream prometheus=66000: expected a port of at most 65535/),
  row('run ./tiny.yaml --stream prometheus=h:p', /--stream prometheus=h:p: expected HOST:PORT/),
  row('run ./tiny.yaml --stream statsd=8125', /--stream statsd=8125: expected HOST:PORT/),
  row('run ./tiny.yaml --stream csv=/nope/x', /--stream csv=\/nope\/x: expected a file that can be written: ENOENT/),
  row('run ./tiny.yaml --stream jsonl=./folder', /--stream jsonl=\.\/folder: expected a file .*EISDIR/),
  row('run ./tiny.yaml --stream prometheus=192.0.2.1:80', /expected a port that can be listened on: .*EADDRNOTAVAIL/),
  row('run ./tiny.yaml --stream statsd=nope.invalid:8125', /HOST_UNKNOWN: .*found "nope\.invalid"/),
  row('run ./tiny.yaml --stream csv=x --stream jsonl=./x', /jsonl=\.\/x: expected each destination once/),
  row('compare --results a --against b --stream csv=x', /--results: .* remove --stream csv=x/),
  row('compare', /Expected a scenario, or --results and --against/),
  row('compare ./tiny.yaml', /Expected two sides that differ, found the same scenario twice/),
  row('compare ./tiny.yaml ./tiny.yaml', /Expected two sides that differ/),
  row('compare a b c', /found one argument too many: "c"/),
  row('compare ./tiny.yaml --pairs 3', /--pairs 3: need at least 8 pairs/),
  row('compare ./tiny.yaml --pairs 1M', /--pairs: expected a whole number from 1 to 200, found 1000000/),
  row('compare ./tiny.yaml --pairs 0', /--pairs: expected a whole number from 1 to 200, found 0/),
  row('compare ./tiny.yaml --metric latency', /METRIC_UNKNOWN: there is no metric "latency"/),
  row('compare ./tiny.yaml --candidate-set seed=2 --warm-ups 99', /--warm-ups: expected a whole number up to 20/),
  row('compare ./tiny.yaml --candidate-set seed=2 --seed 3G', /--seed: expected a whole number up to 2147483647/),
  row(
    'compare ./tiny.yaml --noise-floors ./folder',
    /--noise-floors \.\/folder: expected a file that trunkline aa stored/,
  ),
  row('compare ./tiny.yaml --candidate-revision main', /--candidate-revision: expected --base-revision as well/),
  row('compare --results x', /--results: expected --against as well/),
  row('compare --against x', /--against: expected --results as well/),
  row(
    'compare ./tiny.yaml --results x --against y',
    /--results: stored results are compared as they are: remove \.\/tiny\.yaml/,
  ),
  row('compare --results nope --against nope', /nope: expected a result or a folder of results, found nothing/),
  row('aa', /Expected trunkline aa <scenario>, found no scenario/),
  row('gate', /Expected trunkline gate <rules> <base> \[candidate\], found no rules/),
  row('gate self', /found no base/),
  row('gate self ./tiny.yaml', /gate self \.\/tiny\.yaml: expected two sides that differ.*--base-revision/),
  row('gate slef ./tiny.yaml', /There is no file of gate rules "slef"; did you mean "self"\?/),
  row('gate ./folder ./tiny.yaml', /\.\/folder: expected a YAML file that can be read: it is a folder/),
  row('gate ./tiny.yaml ./tiny.yaml', /GATE_RULES_INVALID: \.\/tiny\.yaml:\d+:\d+: unknown key/),
  row(`${GATE} --junit /nope/x.xml`, /--junit \/nope\/x\.xml: expected a file that can be written/),
  row(`${GATE} --junit folder`, /--junit folder: expected a file that can be written: it is a folder/),
  row(`${GATE} --summary /nope/x.md`, /--summary \/nope\/x\.md: expected a file/),
  row(`${GATE} --trend /nope/x.json`, /--trend \/nope\/x\.json: expected a file/),
  row(`${GATE} --trend-more /nope/x.json`, /--trend-more \/nope\/x\.json: expected a file/),
  row(`${GATE} --save-baseline /proc/x`, /--save-baseline \/proc\/x: expected a folder/),
  row(`${GATE} --base-revision main --baseline b`, /--baseline: expected no other base/),
  row('history', /found no what/),
  row('history nope', /nope: expected a folder of results, or a scenario with results below results, found neither/),
  row(`history nope --out ${REFERENCE}`, /RESULT_UNREADABLE: /),
  row('report', /found no result/),
  row('report nope', /nope: expected a result or a folder of results, found nothing/),
  row('report ./folder', /\.\/folder: expected a folder with a result\.json in it, found none/),
  row('report ./tiny.yaml', /RESULT_UNREADABLE: \.\/tiny\.yaml/),
  row('report ./tiny.yaml/below', /RESULT_UNREADABLE: .*below: expected a result that can be read: ENOTDIR/),
  row('report several', /several: expected one result, found 2: name one, such as several\/b/),
  row('report a b', /found one argument too many: "b"/),
  row('serve', /Expected a secret that tokens are made with, found none/),
  row('serve extra', /found one argument too many: "extra"/),
  row('serve --auth none --listen 8.8.8.8:80', /--listen 8\.8\.8\.8:80: expected an address of this machine/),
  row('serve --auth none --listen 8765', /--listen: expected HOST:PORT such as 127\.0\.0\.1:8765/),
  row('serve --auth none --listen 127.0.0.1:99999', /--listen: expected HOST:PORT/),
  row('serve --auth none --numbers 5', /--numbers: expected FIRST\+COUNT/),
  row('serve --auth none --shards many', /switch\.shards/),
  row('serve --auth none --connections none', /phones\.count/),
  row('serve --secret-file ./nope', /--secret-file: expected a file that can be read/),
  row('serve --secret-file ./folder', /--secret-file: expected a file that can be read: it is a folder/),
  row('serve --auth none --transport ws --tls-cert x', /Expected both --tls-cert and --tls-key/),
  row(
    'serve --auth none --transport ws --tls-cert nope --tls-key nope',
    /--tls-cert: expected a file that can be read/,
  ),
  row('drive ./tiny.yaml', /Expected --target HOST:PORT/),
  row('drive ./tiny.yaml --target nonsense', /--target: expected HOST:PORT.*found "nonsense"/),
  row('drive ./tiny.yaml --target 127.0.0.1:0', /--target: expected HOST:PORT/),
  row('capacity ./tiny.yaml --from x --to 5k', /--from: expected a number of at least 1 such as 20k, found "x"/),
  row('capacity ./tiny.yaml --to 0', /--to: expected a number of at least 1/),
  row('capacity ./tiny.yaml --from 5k --to 1k', /--from 5000: expected at most the highest load, 1000/),
  row('capacity ./tiny.yaml', /Expected --to, as the scenario does not calibrate the driver/),
  row('capacity ./tiny.yaml --to 5k --trial 3', /--trial: expected at least 500ms, such as 3s, found "3"/),
  row('capacity ./tiny.yaml --to 5k --confirm -', /--confirm: expected at least 500ms, such as 3s, found "-"/),
  row('capacity ./tiny.yaml --to 5k --limit delivery', /--limit delivery: expected a metric and a condition/),
  row('capacity ./tiny.yaml --to 5k --limit latency.dlivery:p(99)<5ms', /did you mean "latency\.delivery"\?/),
  row(
    'capacity ./tiny.yaml --to 5k --set http.port=0 --set http.load.rate=10/s',
    /http\.load\.rate: expected no HTTP load in a search over messages/,
  ),
  row(
    'capacity ./tiny.yaml --to 5k --over people',
    /--over: expected one of messages, connections, rates, found "people"/,
  ),
  row('ladder ws-to-tpc', /There is no ladder "ws-to-tpc"; did you mean "ws-to-tcp"\?/),
  row('ladder ./folder', /\.\/folder: expected a YAML file that can be read: it is a folder/),
  row('ladder ws-to-tcp --for ever', /--for: expected a duration such as 2m, found "ever"/),
  row('doctor nope', /There is no scenario "nope"/),
  row('doctor ./tiny.yaml --sides left', /--sides: expected one of both, switch, driver, found "left"/),
  row('metrics extra', /found one argument too many: "extra"/),
  row('metrics', /TRUNKLINE_FORMAT: expected one of text, json, markdown, found "xml"/, { TRUNKLINE_FORMAT: 'xml' }),
  row('run ./tiny.yaml', /TRUNKLINE_REPEAT: expected a number of at least 0/, { TRUNKLINE_REPEAT: 'abc' }),
];

/** Every option of every command: without its value, twice, and misspelt. */
function optionRows(): Row[] {
  return COMMANDS.flatMap(([{ usage, options }, needed]) => {
    const [name = ''] = usage.split(' ');
    const base = [name, ...needed];
    return options.flatMap(({ name: option, letters, kind, isRepeatable, choices }): Row[] => {
      const typed = `--${option}`;
      const value = kind === 'flag' ? [] : [kind === 'number' ? '2' : (choices?.[0] ?? 'x')];
      const twice: Row[] = isRepeatable
        ? []
        : [[[...base, typed, ...value, typed, ...value], new RegExp(`${typed}: expected it once, found it twice`)]];
      if (kind === 'flag') return twice;
      const nothing = (written: string): RegExp => new RegExp(`${written}: expected .*, found nothing`);
      return [
        ...twice,
        [[...base, typed], nothing(typed)],
        [[...base, typed, '--json'], nothing(typed)],
        [[...base, `${typed}=`], nothing(typed)],
        ...letters.map((letter): Row => [[...base, `-${letter}`], nothing(`-${letter}`)]),
      ];
    });
  });
}

function checkRefusal({ code, stdout, stderr }: Outcome, typed: readonly string[], says: RegExp): void {
  const line = `trunkline ${typed.join(' ')}\n${stderr}`;
  assert.equal(code, 2, line);
  assert.match(stderr, says, line);
  assert.match(stderr, /^trunkline: [A-Z_]+: /, line);
  assert.equal(stdout, '', line);
  assert.doesNotMatch(stderr, /\n\s+at |NaN|undefined|\[object/, line);
}

/** What becomes of each of these commands in the folder. */
async function outcomesOf(rows: readonly Row[]): Promise<Outcome[]> {
  const commands = rows.map(([typed, , environment = {}]): TypedCommand => ({ words: typed, environment }));
  const child = spawn(process.execPath, [TYPED_COMMANDS, JSON.stringify(commands)], {
    cwd: path('.'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let lines = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines += text;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome); // as the worker writes them
}

describe('what is typed by mistake', () => {
  let outcomes: readonly Outcome[] = [];
  before(async () => {
    const write = (name: string, text: string): void => writeFileSync(path(name), text);
    const tiny = readFileSync(path('tiny.yaml'), 'utf8');
    write('twin.yaml', tiny);
    write('two.yaml', `${tiny}---\n${tiny}`);
    write('empty.yaml', '');
    write('binary.yaml', '\u0000\u0001\u0002');
    write('deep.yaml', `name: ${'['.repeat(5000)}\n`);
    const bomb = Array.from({ length: 9 }, (_, i) => `k${i + 1}: &k${i + 1} [${Array(9).fill(`*k${i}`).join(', ')}]`);
    write('bomb.yaml', ['k0: &k0 [x, x]', ...bomb].join('\n'));
    write('keys.yaml', `${tiny}${Array.from({ length: 50_000 }, (_, i) => `key${i}: 1\n`).join('')}`);
    mkdirSync(path('folder'));
    for (const name of ['a', 'b']) {
      mkdirSync(path(`several/${name}`), { recursive: true });
      write(`several/${name}/result.json`, '{}');
    }
    const half = Math.ceil(WRONG.length / 2);
    outcomes = (await Promise.all([WRONG.slice(0, half), WRONG.slice(half)].map(outcomesOf))).flat();
  });

  for (const [n, [typed, says, environment]] of WRONG.entries()) {
    const variables = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value} `);
    it(`${variables.join('')}${typed.join(' ')}`, () => {
      checkRefusal(outcomes[n] ?? assert.fail('the command did not end'), typed, says);
    });
  }
});

/** The same check that each command makes first, without a process for each of five hundred rows. */
describe('an option of any command', () => {
  for (const [typed, says] of optionRows()) {
    it(typed.join(' '), () => {
      const [name = '', ...rest] = typed;
      const [command] = COMMANDS.find(([{ usage }]) => usage.split(' ')[0] === name) ?? assert.fail(name);
      assert.throws(
        () => checkWords(name, command, rest, {}),
        (error) => error instanceof TrunklineError && error.kind === 'usage' && says.test(error.message),
      );
    });
  }
});

/** Commands whose outcome also is a page. */
const HAVE_PAGES = /^(run|drive|report|compare|aa|gate|capacity|ladder|history)\b/;

describe('every command', () => {
  it('takes the same formats, by the same options', () => {
    for (const [{ usage, options }] of COMMANDS) {
      const find = (name: string) => options.find((one) => one.name === name);
      const formats = ['text', 'json', 'markdown', ...(HAVE_PAGES.test(usage) ? ['html'] : [])];
      assert.deepEqual(find('format')?.choices, formats, usage);
      assert.deepEqual([find('json')?.kind, find('json')?.letters], ['flag', ['j']], usage);
    }
  });

  it('means the same by a letter, wherever it has it', () => {
    const meant = COMMANDS.flatMap(([{ options }]) =>
      options.flatMap(({ name, letters }) => letters.map((letter) => `-${letter} ${name}`)),
    );
    assert.deepEqual(
      [...new Set(meant)].sort(),
      ['-c connections', '-c phones', '-d measure', '-d trial', '-j json', '-w shards', '-w threads'],
      'phones of a switch alone are its connections, its threads are shards; a trial is what capacity measures',
    );
  });
});

describe('what is refused', () => {
  it('leaves nothing behind', () => {
    assert.equal(existsSync(path('results')), false, 'no folder of results was made');
    assert.deepEqual(readdirSync(path('folder')), []);
  });
});

describe('what is no mistake', { concurrency: AT_ONCE }, () => {
  it('a variable that stands for no option is named, and ignored', async () => {
    const { code, stderr, stdout } = await trunkline(['metrics'], { TRUNKLINE_FOMRAT: 'json' });
    assert.equal(code, 0);
    assert.match(stderr, /TRUNKLINE_FOMRAT belongs to no option and is ignored; did you mean "TRUNKLINE_FORMAT"\?/);
    assert.match(stdout, /^metric /);
  });

  it('a variable of another command says nothing, a flag goes before a variable', async () => {
    const { code, stderr, stdout } = await trunkline(['metrics', '--format', 'markdown'], {
      TRUNKLINE_REPEAT: '5',
      TRUNKLINE_FORMAT: 'json',
    });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^\| metric /);
  });

  it('help is English wherever it is read, and of the command that was asked about', async () => {
    const german = { LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8', LANGUAGE: 'de' };
    const [plain, asked, short] = await Promise.all([
      trunkline(['run', '--help'], german),
      trunkline(['help', 'run'], german),
      trunkline(['run', './nope.yaml', '-h'], german),
    ]);
    assert.equal(plain.code, 0);
    assert.match(plain.stdout, /^trunkline run <scenario\.\.>[\s\S]*Options:[\s\S]*Show help[\s\S]*Examples:/);
    assert.deepEqual([asked.stdout, short.stdout], [plain.stdout, plain.stdout]);
  });

  it('-v and --version say which it is', async () => {
    for (const word of ['-v', '--version']) {
      const { code, stdout } = await trunkline([word]);
      assert.equal(code, 0);
      assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
    }
  });
});
