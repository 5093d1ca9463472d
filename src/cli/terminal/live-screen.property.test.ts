/** What a terminal shows after a live view has drawn on it, whatever happened to the size of the terminal meanwhile. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PLAIN } from '../../report/text/palette.ts';
import { EmulatedTerminal } from './emulated-terminal.test-suite.ts';
import { LiveScreen } from './live-screen.ts';
import { fitLine } from './styled-line.ts';

type Step =
  | { readonly does: 'draw'; readonly lines: readonly string[] }
  | { readonly does: 'say'; readonly length: number }
  | { readonly does: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly does: 'tell' };

/** A frame in the narrowest terminal takes at most 6 · 60 / 20 rows, which fit the lowest. */
const COLUMNS = { min: 20, max: 60 };
const ROWS = { min: 24, max: 40 };
const length = fc.integer({ min: 1, max: 80 });
/** Few different lines: often some are the same as in the frame before. */
const line = fc
  .tuple(fc.constantFrom('a', 'b'), fc.constantFrom(3, 30, 80))
  .map(([text, cells]) => text.padEnd(cells, '.'));
const frame = fc.array(line, { maxLength: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: frame.map((lines): Step => ({ does: 'draw', lines })) },
  { weight: 1, arbitrary: length.map((one): Step => ({ does: 'say', length: one })) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('resize' as const),
      columns: fc.integer(COLUMNS),
      rows: fc.integer(ROWS),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ does: 'tell' }) },
);

/** A screen on an emulated terminal, and what its user should see above the area and in it. */
class WatchedScreen {
  readonly terminal = new EmulatedTerminal(COLUMNS.max, ROWS.min);
  readonly screen: LiveScreen;
  readonly above: string[] = [];
  #frame: readonly string[] = [];

  constructor(before: number) {
    for (let n = 0; n < before; n += 1) {
      this.above.push(`before ${n}`);
      this.terminal.write(`before ${n}\n`);
    }
    this.screen = new LiveScreen(this.terminal as unknown as NodeJS.WriteStream, () => this.redraw());
  }

  get expected(): string[] {
    return [...this.above, ...this.fitted()];
  }

  fitted(): string[] {
    return this.#frame.map((text) => fitLine([{ text }], this.screen.size.columns));
  }

  redraw(): void {
    this.screen.draw(this.fitted());
  }

  take(one: Step, n: number): void {
    if (one.does === 'draw') {
      this.#frame = one.lines;
      this.redraw();
    } else if (one.does === 'say') {
      this.above.push(`say ${n}:`.padEnd(one.length, '!'));
      this.screen.say(this.above.at(-1) ?? '', PLAIN.strong);
    } else if (one.does === 'resize') this.terminal.resize(one.columns, one.rows);
    else this.terminal.tell();
  }
}

describe('the area of a live view', () => {
  it('is the last frame below all permanent lines, though the terminal is resized and the program told later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.array(step, { maxLength: 30 }), (before, steps) => {
        const watched = new WatchedScreen(before);
        for (const [n, one] of steps.entries()) watched.take(one, n);
        watched.terminal.tell();
        assert.deepEqual(watched.terminal.lines, watched.expected);
        watched.screen.close();
        assert.deepEqual(watched.terminal.lines, watched.above, 'nothing is left of the area');
        watched.terminal.write('the prompt');
        assert.equal(watched.terminal.lines.at(-1), 'the prompt');
      }),
      { numRuns: 400 },
    );
  });

  it('keeps the rows below a line that comes or goes', () => {
    const watched = new WatchedScreen(0);
    for (const frame of [
      ['a title', 'figures 1', 'event'],
      ['a title', 'figures 2', 'a guard', 'event'],
      ['a title', 'figures 3', 'event'],
    ]) {
      watched.screen.draw(frame);
      assert.deepEqual(watched.terminal.lines, frame);
      assert.equal(watched.terminal.cursorRow, 0, 'the cursor stands at the start of the area');
    }
    watched.screen.close();
  });

  it('keeps the end of a line that is as wide as the area', () => {
    const watched = new WatchedScreen(0);
    for (const text of ['a', 'b']) {
      watched.take({ does: 'draw', lines: ['a title', text.repeat(100), 'event'] }, 0);
      assert.deepEqual(watched.terminal.lines, ['a title', `${text.repeat(58)}…`, 'event']);
    }
    watched.screen.close();
  });

  it('is drawn again where a lower terminal has cut it', () => {
    const watched = new WatchedScreen(30);
    watched.take({ does: 'draw', lines: ['a', 'b'.repeat(50), 'c', 'd'.repeat(50), 'e', 'f'] }, 0);
    watched.terminal.resize(40, 9);
    watched.terminal.tell();
    assert.deepEqual(watched.terminal.lines, watched.expected);
    watched.screen.close();
  });

  it('writes nothing for a frame that is already shown', () => {
    const watched = new WatchedScreen(1);
    watched.screen.draw(['same', 'lines']);
    let written = 0;
    watched.terminal.write = () => {
      written += 1;
      return true;
    };
    watched.screen.draw(['same', 'lines']);
    assert.equal(written, 0);
    watched.screen.close();
  });
});
