/** Hostile names in the formats of reports: read back as a reader of the format does, they are what they were. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { escapeXml, xmlAttributes } from './escape-xml.ts';
import { linkTarget } from './link-target.ts';
import { escapeMarkdown, markdownBlock, markdownTable } from './markdown.ts';
import { printable, printableLines, printableOutcome } from './printable.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        '|',
        '\\',
        '`',
        '*',
        '_',
        '<',
        '>',
        '&',
        '"',
        "'",
        '[',
        '@team',
        '#12',
        'GH-1',
        'https://a.b',
        'www.a.b',
        '~~',
        '$x$',
        ']',
        '\n',
        '\r\n',
        '\0',
        '\u001b[31m',
        'a',
        ' ',
        ']]>',
        '<!--',
        '&lt;',
        '- ',
        '# ',
        '1. ',
        '---',
        '\t',
        '```',
        '\ud800',
        '🙂',
      ),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join('')),
);

/** What a reader of XML makes of an attribute's value. */
function readXml(text: string): string {
  return text.replace(
    /&(amp|lt|gt|quot);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name] ?? '',
  );
}

/** What GitHub shows of a cell: without the escapes. */
function readMarkdown(text: string): string {
  return text
    .replaceAll('&#8203;', '')
    .replaceAll('&#32;', ' ')
    .replace(/\\([\\|*_`[\]~$#+=.)-])/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Cells of a line of a table: a bar that is not escaped ends one. */
function cellsOf(line: string): string[] {
  const cells = [''];
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '\\') cells[cells.length - 1] += `${line[at]}${line[++at] ?? ''}`;
    else if (line[at] === '|') cells.push('');
    else cells[cells.length - 1] += line[at] ?? '';
  }
  return cells.slice(1, -1);
}

describe('XML', () => {
  it('holds any text so that it is read back, but for characters that XML has not', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeXml(text);
        assert.doesNotMatch(escaped, /[<>"]|&(?!(amp|lt|gt|quot);)/);
        // Char of https://www.w3.org/TR/xml/#charsets
        for (const character of readXml(escaped)) {
          const point = character.codePointAt(0) ?? 0;
          const isChar =
            [9, 10, 13].includes(point) ||
            (point >= 0x20 && point <= 0xd7ff) ||
            (point >= 0xe000 && point <= 0xfffd) ||
            (point >= 0x10000 && point <= 0x10ffff);
          assert.ok(isChar, `U+${point.toString(16)}`);
        }
        const allowed = [...text].map((one) =>
          [...readXml(escapeXml(one))].length === 1 ? readXml(escapeXml(one)) : one,
        );
        assert.equal(readXml(escaped), allowed.join(''));
        assert.equal([...readXml(escaped)].length, [...text].length, 'no character is lost');
      }),
      { numRuns: 500 },
    );
  });

  it('has attributes in their order, each in quotes that its value cannot end', () => {
    assert.equal(xmlAttributes({ name: 'a "b" <c>', tests: 3 }), ' name="a &quot;b&quot; &lt;c&gt;" tests="3"');
    assert.equal(xmlAttributes({}), '');
  });
});

describe('Markdown', () => {
  it('holds any text so that it is read back, in one line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeMarkdown(text);
        assert.doesNotMatch(escaped, /[\r\n<>]/);
        assert.doesNotMatch(
          escaped,
          /@[a-z\d]|(?<!&)#\d|\bGH-\d|:\/\/|\bwww\./i,
          'nobody is notified, nothing is linked',
        );
        assert.doesNotMatch(escaped, /\p{Cc}/u, 'no terminal obeys it');
        // Wide and thin spaces begin nothing: only those of CommonMark 0.31, 2.1 do, of which a line has these.
        assert.doesNotMatch(escaped, /^([ \t]|[+-]( |$)|#{1,6}( |$)|[=-]+ *$|\d{1,9}[.)]( |$))/, 'it begins no block');
        assert.equal(readMarkdown(escaped), printable(text));
      }),
      { numRuns: 500, examples: [['\u2000'], ['\u205f']] },
    );
  });

  it('has as many cells in each row of a table as the row was given, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(fc.array(hostile, { minLength: 3, maxLength: 3 }), { maxLength: 5 }), (rows) => {
        const [head = '', rule = '', ...lines] = markdownTable(['a', 'b|c', 'd'], rows);
        assert.equal(cellsOf(head).length, 3);
        assert.match(rule, /^\|---(\|---:?){2}\|$/);
        assert.deepEqual(
          lines.map((line) => cellsOf(line).map((cell) => readMarkdown(cell.slice(1, -1)))),
          rows.map((row) => row.map(printable)),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('a block of Markdown', () => {
  it('is ended by no line of its text, and has all its lines', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const [begin = '', ...lines] = markdownBlock(text).split('\n');
        const [, fence = ''] = /^(`{3,})text$/.exec(begin) ?? [];
        assert.equal(lines.pop(), fence);
        assert.equal(lines.join('\n'), printableLines(text.trimEnd()));
        const ends = lines.filter((line) => /^ {0,3}`+\s*$/.test(line) && line.trim().length >= fence.length);
        assert.deepEqual(ends, []);
      }),
      { numRuns: 500 },
    );
  });

  it('has three backticks where its text has fewer', () => {
    assert.equal(markdownBlock('a `b` c\n\n'), '```text\na `b` c\n```');
    assert.equal(markdownBlock('```\na'), '````text\n```\na\n````');
  });
});

describe('text for a terminal', () => {
  const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

  it('keeps every character that only shows itself, and has a space or a ? for each of the others', () => {
    assert.equal(printable('Łódź 🙂 ✓ … 東京'), 'Łódź 🙂 ✓ … 東京');
    assert.equal(printable('a\u001b[31mb\u0007\u202ec\r\nd\u200b\ud800'), 'a?[31mb??c  d??');
    assert.equal(printable('a\tb\vc\u2028d\u0085e'), 'a b c d e', 'no line and no cell can be forged');
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = printable(text);
        assert.doesNotMatch(shown, CONTROL);
        assert.equal([...shown].length, [...text].length);
        assert.equal(printable(shown), shown);
      }),
    );
  });

  it('of an outcome is so at any depth, in keys too, and all else is as it was', () => {
    const outcome = { a: ['x\u001b[2J', 1, null, true], 'b\r': { c: 'line\nforged\u0000', d: 0.5 } };
    const before = structuredClone(outcome);
    assert.deepEqual(printableOutcome(outcome), {
      a: ['x?[2J', 1, null, true],
      'b ': { c: 'line forged?', d: 0.5 },
    });
    assert.deepEqual(outcome, before, 'the outcome itself does not change');
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const text = JSON.stringify(printableOutcome(value));
        assert.equal(text, JSON.stringify(printableOutcome(JSON.parse(text))), 'a second time changes nothing');
      }),
      { numRuns: 50 },
    );
  });
});

describe('the target of a link', () => {
  it('is the path, whatever it holds, and can neither end the link nor be anything but a path', () => {
    assert.equal(linkTarget('runs/a-1/result.json'), 'runs/a-1/result.json');
    assert.equal(linkTarget('a b/(1)/[x].json'), 'a%20b/%281%29/%5Bx%5D.json');
    assert.equal(linkTarget('javascript:alert(1)'), 'javascript%3Aalert%281%29');
    fc.assert(
      fc.property(hostile, (path) => {
        const target = linkTarget(path);
        assert.match(target, /^[\w.~/%-]*$/);
        assert.equal(decodeURIComponent(target), path.toString().replace(/\p{Cs}/gu, '\ufffd'));
      }),
      { numRuns: 300 },
    );
  });
});
