/** PROTOCOL.md, for people who write a client, against the code: its tables, its sizes and its example in bytes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ID_WINDOW } from '../base/serial-distance.ts';
import {
  accountHigh,
  accountLow,
  BODY_BYTES_MAX,
  Capability,
  ErrorFrameCode,
  FrameType,
  LOGIN_MAGIC,
  LoginCode,
  MESSAGE_OVERHEAD_BYTES,
  PROTOCOL_MAJOR,
  PROTOCOL_MINOR,
  TOKEN_BYTES_MAX,
  TYPE_BODY_BYTES_MAX,
  TYPE_BODY_BYTES_MIN,
  writeEmptyFrame,
  writeMessage,
  writeSerialFrame,
} from './frames.ts';
import { writeLogin, writeLoginResult } from './login.ts';

const text = readFileSync(new URL('../../src/wire/PROTOCOL.md', import.meta.url), 'utf8');

/** Rows of the table under these headings, cells without spaces around them. */
function tableOf(...headings: string[]): string[][] {
  const lines = text.split('\n');
  const cellsOf = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const start = lines.findIndex((line) => line.startsWith('|') && headings.every((one) => cellsOf(line).includes(one)));
  assert.ok(start >= 0, `a table with ${headings}`);
  const rows = lines.slice(start + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map(cellsOf);
}

/** The hexadecimal bytes of the line that names this frame, in the exchange at the end. */
function exampleOf(frame: string): number[] {
  const exchange = text.slice(text.indexOf('## An exchange in bytes'));
  const line = exchange.split('\n').find((one) => new RegExp(`[→←] ${frame} +[0-9a-f]{2} `).test(one)) ?? '';
  const bytes = /[→←] [A-Z_]+ +((?:[0-9a-f]{2}(?: |$))+)/.exec(line)?.[1] ?? assert.fail(`an example of ${frame}`);
  return bytes
    .trim()
    .split(' ')
    .map((byte) => Number.parseInt(byte, 16));
}

const SECOND = 447_700_000_002;
const FIRST = 447_700_000_001;

function written(bytes: number, write: (view: DataView) => void): number[] {
  const view = new DataView(new ArrayBuffer(bytes));
  write(view);
  return [...new Uint8Array(view.buffer)];
}

describe('PROTOCOL.md', () => {
  it('lists every frame type of the code, with the sizes that the parser accepts', () => {
    const rows = tableOf('type', 'name', 'body, bytes');
    const listed = rows.map(([type = '', name = '', , bytes = '']) => {
      const [least = 0, most = least] = bytes.split('–').map(Number);
      return [name.replace(/ \(.*/, ''), Number(type), least, most];
    });
    const inCode = Object.entries(FrameType).map(([name, type]) => [
      name,
      type,
      TYPE_BODY_BYTES_MIN[type],
      TYPE_BODY_BYTES_MAX[type],
    ]);
    assert.deepEqual(listed, inCode);
  });

  it('lists every code of ERROR, and says rightly which of them end the connection', () => {
    const rows = tableOf('code', 'meaning', 'connection');
    assert.deepEqual(
      rows.map(([code]) => Number(code)),
      Object.values(ErrorFrameCode),
    );
    for (const [code = '', , connection = ''] of rows)
      assert.equal(connection === 'stays', Number(code) < ErrorFrameCode.MALFORMED_FRAME, `code ${code}`);
  });

  it('lists every code of LOGIN_RESULT', () => {
    const codes = tableOf('code', 'LOGIN_RESULT').map(([code]) => Number(code));
    assert.deepEqual(codes, Object.values(LoginCode));
  });

  it('names the version, the magic, and the limits of the code', () => {
    assert.ok(text.startsWith(`# The trunkline protocol, version ${PROTOCOL_MAJOR}.${PROTOCOL_MINOR}\n`));
    for (const fact of [
      `0x${LOGIN_MAGIC.toString(16)}`,
      `0 to ${BODY_BYTES_MAX}`,
      `any token of 0 to ${TOKEN_BYTES_MAX} bytes`,
      `At most ${ID_WINDOW} messages may be unanswered`,
      `more than ${ID_WINDOW - 1} behind`,
    ])
      assert.ok(text.includes(fact), fact);
    assert.equal(MESSAGE_OVERHEAD_BYTES, 12);
    assert.match(text, /twelve bytes longer than its payload/);
  });

  describe('its example in bytes', () => {
    it('logs in as the code does', () => {
      const example = exampleOf('LOGIN');
      const token = example.slice(18);
      assert.equal(token.length, 16);
      const login = written(34, (view) => {
        const at = writeLogin(view, 0, FIRST, Capability.RECEIPTS, token.length);
        for (const [n, byte] of token.entries()) view.setUint8(at + n, byte);
      });
      assert.deepEqual(example, login);
      assert.deepEqual(
        exampleOf('LOGIN_RESULT'),
        written(18, (view) => writeLoginResult(view, 0, LoginCode.ACCEPTED, Capability.RECEIPTS, 0, 180_000, 0)),
      );
    });

    it('refuses a login as the code does', () => {
      const bytes = /LOGIN_RESULT +((?:[0-9a-f]{2} )+).*busy, come back after 2.5 s/.exec(text)?.[1] ?? '';
      assert.deepEqual(
        bytes
          .split(' ')
          .slice(0, -1)
          .map((byte) => Number.parseInt(byte, 16)),
        written(18, (view) => writeLoginResult(view, 0, LoginCode.BUSY, 0, 0, 2500, 0)),
      );
    });

    for (const [frame, other] of [
      ['SEND', SECOND],
      ['DELIVER', FIRST],
    ] as const) {
      it(`writes ${frame} as the code does`, () => {
        const message = written(14, (view) => {
          const at = writeMessage(view, 0, FrameType[frame], 1, accountHigh(other), accountLow(other), 2);
          view.setUint8(at, 'h'.charCodeAt(0));
          view.setUint8(at + 1, 'i'.charCodeAt(0));
        });
        assert.deepEqual(exampleOf(frame), message);
      });
    }

    for (const frame of ['ACKNOWLEDGED', 'DELIVERED', 'RECEIPT'] as const) {
      it(`writes ${frame} as the code does`, () => {
        assert.deepEqual(
          exampleOf(frame),
          written(6, (view) => writeSerialFrame(view, 0, FrameType[frame], 1)),
        );
      });
    }

    for (const frame of ['PING', 'PONG', 'LOGOUT'] as const) {
      it(`writes ${frame} as the code does`, () => {
        assert.deepEqual(
          exampleOf(frame),
          written(2, (view) => writeEmptyFrame(view, 0, FrameType[frame])),
        );
      });
    }
  });
});
