import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { joined, markup, scriptJson } from './markup.ts';

const hidden = fc
  .array(fc.constantFrom('\0', '\u001b', '\u202e', '\u2067', '\ud800', '\t', '\n', 'a', "'", '&'), { maxLength: 8 })
  .map((pieces) => pieces.join(''));

describe('markup', () => {
  it('escapes text in content and in attributes, and keeps markup', () => {
    const name = `<script>alert("1" & '2')</script>`;
    const inner = markup`<b title="${name}">${name}</b>`;
    const escaped = '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;';
    assert.equal(inner.text, `<b title="${escaped}">${escaped}</b>`);
    assert.equal(
      markup`<p>${inner} ${1.5}${null}${[inner, 'a<b']}</p>`.text,
      `<p>${inner.text} 1.5${inner.text}a&lt;b</p>`,
    );
  });

  it('holds any text so that it is read back, but for characters that HTML has not or that turn text around', () => {
    const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), hidden), (value) => {
        const { text } = markup`${value}`;
        assert.doesNotMatch(text, /(?![\t\n\r])\p{Cc}|\u202e/u);
        assert.doesNotMatch(text, /[<>"']/);
        assert.equal(
          text.replace(/&(#?\w+);/g, (_, entity: string) => entities[entity] ?? ''),
          value.replace(/(?![\t\n\r])\p{Cc}|[\p{Cs}\ufffe\uffff\u202a-\u202e\u2066-\u2069]/gu, '\ufffd'),
        );
      }),
    );
  });

  it('joins pieces with escaped text', () => {
    assert.equal(joined([markup`<i>a</i>`, markup`b`], ' & ').text, '<i>a</i> &amp; b');
  });
});

describe('JSON in a script element', () => {
  it('cannot end the element, and is the same value', () => {
    const value = { name: '</script><!--<script>', list: [1, null, '\u2028'] };
    const { text } = scriptJson(value);
    assert.doesNotMatch(text, /</);
    assert.deepEqual(JSON.parse(text), value);
  });
});
