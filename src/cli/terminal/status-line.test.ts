import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusLine } from './status-line.ts';

/** What a line writes to a stream that is a terminal or not. */
function written(isTTY: boolean, term: string): string {
  let text = '';
  const stream = { isTTY, columns: 20, write: (part: string) => (text += part) } as unknown as NodeJS.WriteStream;
  const line = new StatusLine(stream, { TERM: term });
  line.show('first', (part) => part);
  line.show('second', (part) => part);
  line.say('done');
  return text;
}

describe('a status line', () => {
  it('is rewritten in place on a terminal', () => {
    assert.equal(written(true, 'xterm'), '\r\u001b[Kfirst\r\u001b[Ksecond\r\u001b[Kdone\n');
  });

  it('has no control characters but those of its own colours', () => {
    let text = '';
    const stream = { isTTY: false, write: (part: string) => (text += part) } as unknown as NodeJS.WriteStream;
    const line = new StatusLine(stream, { TERM: 'xterm' });
    line.show('a\u001b[2Jb', (part) => `<${part}>`);
    line.say('in \u202efolder\u0007\nsecond', (part) => `<${part}>`);
    assert.equal(text, 'a?[2Jb\n<in ?folder?\nsecond>\n');
  });

  it('is a line each time in a pipe, and on a terminal that cannot erase', () => {
    assert.equal(written(false, 'xterm'), 'first\nsecond\ndone\n');
    assert.equal(written(true, 'dumb'), 'first\nsecond\ndone\n');
  });
});
