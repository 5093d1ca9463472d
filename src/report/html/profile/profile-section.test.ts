import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MADE_ALLOCATIONS, madeProcessorProfile } from '../../../analysis/profile/made-profiles.test-suite.ts';
import { reportThread } from '../../../analysis/profile/thread-report.ts';
import type { RunProfile } from '../../profile/profile-text.ts';
import { profileText } from '../../profile/profile-text.ts';
import { PLAIN } from '../../text/palette.ts';
import { profileSection } from './profile-section.ts';

const PROFILE: RunProfile = {
  phase: 'measure',
  intervalMicros: 1000,
  allocationBytes: 65_536,
  threads: ['shard-0'],
  otherThreads: ['shard-1', 'main'],
};

const HOSTILE = '<script>alert("1")</script>';

/** Four samples of work, two of sleep, one of the garbage collector. */
const STACKS = [
  ['runReactor', 'doWorkAt', 'route'],
  ['runReactor', 'doWorkAt', 'route'],
  ['runReactor', 'doWorkAt'],
  ['runReactor', HOSTILE],
  ['runReactor', 'nap'],
  ['runReactor', 'nap'],
  ['(garbage collector)'],
];

function thread(stacks: readonly (readonly string[])[], place: string) {
  return reportThread('shard-0', madeProcessorProfile(stacks, place), MADE_ALLOCATIONS);
}

const SHARD = thread(STACKS, 'src/run/worker/reactors/run-reactor.ts:75');
const HTML = profileSection(PROFILE, [SHARD], null).html.text;

/** Boxes of the graph: what their titles say, and their widths. */
function boxes(html: string): Map<string, number> {
  const found = html.matchAll(/<title>([^<]*?) · .*?<\/title><rect [^>]*?width="([\d.]+)"/g);
  return new Map([...found].map(([, title = '', width]) => [title, Number(width)]));
}

describe('the section about profiles', () => {
  it('draws each call as wide as its share of the time awake, sleep left out and the collector apart', () => {
    const drawn = boxes(HTML);
    const at = 'src/run/worker/reactors/run-reactor.ts:75';
    assert.deepEqual(
      [`runReactor ${at}`, `doWorkAt ${at}`, `route ${at}`, '(garbage collector)', `nap ${at}`].map((name) =>
        drawn.get(name),
      ),
      [960, 720, 480, 240, undefined],
    );
    assert.match(HTML, /<g class="collector">/);
    assert.match(HTML, /awake 71\.4 %, asleep 28\.6 %, \(garbage collector\) 14\.3 %/);
  });

  it('colours each call by the part of the program that it belongs to, as the legend says', () => {
    const parts: readonly (readonly [call: string, place: string, part: string])[] = [
      ['route', 'src/switch/shard.ts:1', 'switch'],
      ['append', 'src/store/mailbox-index.ts:1', 'switch'],
      ['send', 'src/driver/lane.ts:1', 'driver'],
      ['logIn', 'src/protocol/trunkline/trunkline-protocol.ts:1', 'driver'],
      ['poll', 'src/transport/memory/memory-phone-transport.ts:1', 'transport'],
      ['parse', 'src/wire/parse-frames.ts:1', 'transport'],
      ['claim', 'src/ring/ring.ts:1', 'transport'],
      ['loop', 'src/run/worker/worker-main.ts:1', 'run'],
      ['onread', 'node_modules/ws/lib/receiver.js:1', 'node'],
      ['system call of recv', 'src/transport/tcp/tcp-phone-transport.ts:1', 'system'],
      ['(garbage collector)', '', 'collector'],
      ['(program)', '', 'program'],
    ];
    for (const [call, place, part] of parts) {
      const { text } = profileSection(PROFILE, [thread([[call]], place)], null).html;
      assert.ok(text.includes(`<g class="${part}"><title>${call}`), `${call} at ${place} is of ${part}`);
      assert.ok(text.includes(`<li class="${part}">`), 'the legend has its colour');
    }
  });

  it('puts each call above its caller and inside it, with no two in the same place', () => {
    const stack = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 });
    const property = fc.property(fc.array(stack, { minLength: 1, maxLength: 40 }), (stacks) => {
      const { text } = profileSection(PROFILE, [thread(stacks, 'src/a.ts:1')], null).html;
      const found = [...text.matchAll(/<rect x="([\d.]+)" y="(-?[\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)];
      const drawn = found.map(([, x, y, width]) => ({
        left: Number(x),
        y: Number(y),
        right: Number(x) + Number(width),
      }));
      const floor = Math.max(...drawn.map(({ y }) => y));
      const rowHeight = Number(found[0]?.[4]) + 1;
      const rounding = 0.11;
      for (const [i, box] of drawn.entries()) {
        const isInside = ({ left, right }: typeof box): boolean =>
          left <= box.left + rounding && right >= box.right - rounding;
        const isBelow = ({ y }: typeof box): boolean => Math.abs(y - box.y - rowHeight) < 1e-9;
        assert.ok(box.y === floor || drawn.some((other) => isBelow(other) && isInside(other)), 'a caller is below it');
        for (const other of drawn.slice(i + 1)) {
          if (other.y !== box.y) continue;
          assert.ok(other.left >= box.right - rounding || other.right <= box.left + rounding, 'none covers another');
        }
      }
      const bottom = drawn.filter(({ y }) => y === floor);
      const width = bottom.reduce((sum, { left, right }) => sum + right - left, 0);
      assert.ok(Math.abs(width - 1200) <= rounding * bottom.length, `the outermost calls are all of it, not ${width}`);
      const outermost = new Set(stacks.map(([first]) => first));
      assert.equal(bottom.length, outermost.size);
    });
    fc.assert(property, { numRuns: 40 });
  });

  it('lists in its tables what the text lists', () => {
    const text = profileText(PROFILE, [SHARD], PLAIN);
    for (const { name, place } of [...SHARD.hottest, ...SHARD.largest].filter(({ name }) => name !== HOSTILE)) {
      assert.ok(text.includes(`${name}  ${place}`.trimEnd()), name);
      assert.ok(HTML.includes(`${name} <code>${place}</code>`), name);
    }
    for (const said of ['not profiled: shard-1, main', '7 samples', 'every 1.00 ms', 'every 64.0 KiB']) {
      assert.ok(text.includes(said) && HTML.includes(said), said);
    }
  });

  it('escapes names wherever they stand', () => {
    const { text } = profileSection({ ...PROFILE, threads: [HOSTILE] }, [{ ...SHARD, thread: HOSTILE }], HOSTILE).html;
    assert.ok(!text.includes('<script'));
    assert.ok(text.includes('&lt;script&gt;alert(&quot;1&quot;)'));
  });

  it('cuts labels to the width of their box, between characters', () => {
    const many = Array.from({ length: 40 }, (_, n) => [`${'😀'.repeat(60)}${n}`]);
    const { text } = profileSection(PROFILE, [thread(many, 'src/a.ts:1')], null).html;
    const labels = [...text.matchAll(/<text x="([\d.]+)"[^>]*>([^<]*)<\/text>/g)].map(([, , label = '']) => label);
    assert.ok(labels.length > 0);
    for (const label of labels) {
      assert.ok([...label].length <= 5, label);
      assert.doesNotMatch(label, /\p{Cs}/u, 'no half of a character');
    }
  });

  it('says so where a thread was never awake, and where files are missing', () => {
    const asleep = thread([['nap']], 'src/run/worker/reactors/run-reactor.ts:60');
    assert.match(profileSection(PROFILE, [asleep], null).html.text, /not awake in any sample/);
    const { text } = profileSection(PROFILE, [], 'Expected a profile at x: not there.').html;
    assert.match(text, /Expected a profile at x/);
  });

  it('stays small for the deepest and widest of profiles', () => {
    const wild = Array.from({ length: 1500 }, (_, n) =>
      Array.from({ length: 1 + (n % 60) }, (_, d) => `f${(n >> (d % 12)) & 7}`),
    );
    const { text } = profileSection(PROFILE, [thread(wild, 'src/switch/shard.ts:1')], null).html;
    assert.ok(text.length < 400_000, `${text.length} characters`);
    assert.match(text, /calls are not drawn/);
  });
});
