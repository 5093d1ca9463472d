import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bottomAxis } from './axes.ts';
import { readDrawing } from './drawn.test-suite.ts';
import { linearScale } from './scale.ts';
import { drawing, fitted, fittedWords, mark, path, titled, widthOf, words } from './svg.ts';

const HOSTILE = '"><script>alert(1)</script>';

describe('a drawing', () => {
  it('escapes every text, attribute and title', () => {
    const svg = drawing(
      { width: 10, height: 10, label: HOSTILE },
      words(0, 0, HOSTILE),
      fittedWords(0, 0, HOSTILE, 40),
      mark('circle', 1, 1, 1, HOSTILE, HOSTILE),
      titled(HOSTILE),
    );
    assert.doesNotMatch(svg, /<script/);
    assert.equal(svg.match(/&lt;script/g)?.length, 6);
    assert.equal([...svg.matchAll(/"/g)].length % 2, 0);
  });

  it('is a picture with a name', () => {
    const svg = drawing({ width: 10, height: 10, label: 'one bar' });
    assert.match(svg, /role="img" aria-label="one bar"/);
  });

  it('has no line through fewer than two places', () => {
    assert.deepEqual([path([], 'a'), path([[1, 1]], 'a')], ['', '']);
  });

  it('cuts a text that is too wide, between characters and not within them', () => {
    assert.equal(fitted('short', 100), 'short');
    assert.equal(fitted('memory.switch', 40), 'memor…');
    assert.equal(fitted('😀😀😀😀😀😀😀😀', 40), '😀😀😀😀😀…');
    assert.match(fittedWords(0, 0, 'memory.switch', 40), /<title>memory\.switch<\/title>/);
  });
});

describe('an axis', () => {
  it('leaves out labels that would touch, and keeps the others within the drawing', () => {
    const x = linearScale(0, 9, [20, 180]);
    const ticks = Array.from({ length: 10 }, (_, value) => ({ value, label: `label ${value}` }));
    const { texts, shapes } = readDrawing(drawing({ width: 200, height: 50, label: '' }, bottomAxis(x, ticks, 0, 20)));
    assert.ok(texts.length >= 2 && texts.length < 6, texts.join());
    assert.equal(texts[0], 'label 0');
    assert.equal(shapes.filter(({ className }) => className === 'grid').length, 10);
  });

  it('begins no label outside the drawing, however near to its edge the axis begins', () => {
    const x = linearScale(0, 9, [2, 180]);
    const label = '1,000,000 messages';
    const [, middle = ''] = /<text class="tick" x="([-\d.]+)"/.exec(bottomAxis(x, [{ value: 0, label }], 0, 20)) ?? [];
    assert.ok(Number(middle) - widthOf(label) / 2 >= -0.1, middle);
  });
});
