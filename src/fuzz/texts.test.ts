/**
 * Whatever is written by hand or comes from a disk is either read, or refused with an error that has a code and says
 * what was found: each of these readers against mutated texts, ten thousand of those that are short. TEST_SEED repeats
 * them.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseGateRules } from '../analysis/gate/gate-rules.ts';
import { parseLadderFile } from '../analysis/ladder/parse-ladder-file.ts';
import { TrunklineError } from '../base/errors.ts';
import { triedCases } from '../base/tried-cases.test-suite.ts';
import { formatAddress, parseAddress } from '../cli/options/address.ts';
import { planRun } from '../plan/run-plan.ts';
import { bareResult } from '../result/bare-result.ts';
import { parseBareResult, parseResult } from '../result/parse-result.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { meetsThreshold, parseCondition, parseFigure, parseThreshold } from '../scenario/threshold.ts';
import { Draws, drawSeed } from './draws.test-suite.ts';
import { mutatedText } from './mutated-text.test-suite.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MANY = triedCases(10_000, 2000);
const seed = drawSeed(process.env['TEST_SEED']);

type Texts = readonly [string, ...string[]];

interface Reader {
  readonly what: string;
  readonly samples: Texts;
  readonly times?: number;
  readonly read: (text: string) => unknown;
}

function filesOf(folder: string, ending: string): Texts {
  const names = readdirSync(`${ROOT}${folder}`).filter((name) => name.endsWith(ending));
  return names.map((name) => readFileSync(`${ROOT}${folder}/${name}`, 'utf8')) as unknown as Texts; // none is empty
}

const [SMOKE] = filesOf('scenarios', 'smoke.yaml');
const RESULT = readFileSync(`${ROOT}results/reference/tcp-100k.json`, 'utf8');
const BARE = JSON.stringify(bareResult(parseResult(RESULT, 'tcp-100k.json')), null, 1);
const CONDITIONS: Texts = [
  'memory.switch.bytesPerConnection < 2KiB',
  'latency.delivery p(99) <= 5ms',
  'integrity.lost == 0',
  'latency.login p(99.9)<1s',
  'connections.held>=1M',
];

const READERS: readonly Reader[] = [
  {
    what: 'a scenario, and the plan of its run',
    samples: filesOf('scenarios', '.yaml'),
    times: MANY / 10,
    read: (text) => planRun(parseScenario(text, 'a.yaml')),
  },
  {
    what: 'a setting of the command line',
    samples: ['phones.count=10k', 'switch.mailbox.blocks=64k', 'thresholds.integrity.lost=value==0', 'seed=1'],
    times: MANY / 10,
    read: (text) => parseScenario(SMOKE, 'smoke.yaml', [text]),
  },
  {
    what: 'rules of a gate',
    samples: filesOf('gates', '.yaml'),
    times: MANY / 5,
    read: (text) => parseGateRules(text, 'a.yaml'),
  },
  {
    what: 'a ladder',
    samples: filesOf('scenarios/ladders', '.yaml'),
    times: MANY / 10,
    read: (text) => parseLadderFile(text, 'a.yaml'),
  },
  {
    what: 'a condition',
    samples: CONDITIONS,
    read: (text) => meetsThreshold(parseCondition(text), 1),
  },
  { what: 'a figure', samples: ['latency.delivery p(99)', 'integrity.lost'], read: parseFigure },
  {
    what: 'a threshold',
    samples: ['p(99)<100ms', 'value>=9000', 'value==0', 'max<=1h'],
    read: (text) => parseThreshold('latency.delivery', text),
  },
  {
    what: 'an address',
    samples: ['127.0.0.1:8765', '[::1]:8765', 'switch.example:1', 'localhost:65535'],
    read: (text) => {
      const address = parseAddress('--target', text, 0);
      assert.deepEqual(parseAddress('--target', formatAddress(address), 0), address);
    },
  },
  { what: 'a result', samples: [RESULT], times: MANY / 20, read: (text) => parseResult(text, 'result.json') },
  { what: 'a bare result', samples: [BARE], times: MANY / 10, read: (text) => parseBareResult(text, 'result.json') },
];

describe('a reader of texts', () => {
  for (const [stream, { what, samples, times = MANY, read }] of READERS.entries()) {
    it(`reads ${what} or says why not`, (test) => {
      test.diagnostic(`TEST_SEED=${seed}`);
      const draws = new Draws(seed, stream);
      let refused = 0;
      for (let n = 0; n < times; n++) {
        const text = mutatedText(samples, draws);
        try {
          read(text);
        } catch (error) {
          if (!(error instanceof TrunklineError))
            throw new Error(`text ${n}: ${JSON.stringify(text)}`, { cause: error });
          assert.ok(error.message.length > 0);
          refused++;
        }
      }
      test.diagnostic(`${refused} of ${times} were refused`);
      assert.ok(refused > times / 10 && refused < times, 'some are right, and some are not');
    });
  }
});
