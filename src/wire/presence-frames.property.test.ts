import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import fc from 'fast-check';
import {
  accountHigh,
  accountLow,
  accountNumber,
  FrameType,
  HEADER_BYTES,
  headerBodyBytes,
  headerType,
  TYPE_BODY_BYTES_MAX,
} from './frames.ts';
import {
  LAST_SEEN_UNKNOWN,
  PRESENCE_FRAME_BYTES,
  PresenceState,
  readLastSeenSeconds,
  readOwnState,
  readWatchedHigh,
  readWatchedLow,
  readWatchedState,
  SET_PRESENCE_FRAME_BYTES,
  TYPING_FRAME_BYTES,
  TypingState,
  WATCH_FRAME_BYTES,
  writePresence,
  writeSetPresence,
  writeTyping,
  writeWatch,
} from './presence-frames.ts';

const GUARD = 0x5a;

it('reads from each frame what was written, and touches no other byte', () => {
  const number = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 999_999_999_999_999 }));
  const lastSeen = fc.oneof(fc.nat(100_000), fc.constant(LAST_SEEN_UNKNOWN));
  fc.assert(
    fc.property(number, fc.nat(255), lastSeen, fc.nat(3), (account, state, lastSeenSeconds, offset) => {
      const high = accountHigh(account);
      const low = accountLow(account);
      const rows: [type: number, bytes: number, write: (view: DataView, at: number) => void][] = [
        [
          FrameType.PRESENCE,
          PRESENCE_FRAME_BYTES,
          (view, at) => writePresence(view, at, high, low, state, lastSeenSeconds),
        ],
        [FrameType.WATCH, WATCH_FRAME_BYTES, (view, at) => writeWatch(view, at, FrameType.WATCH, high, low)],
        [FrameType.UNWATCH, WATCH_FRAME_BYTES, (view, at) => writeWatch(view, at, FrameType.UNWATCH, high, low)],
        [FrameType.TYPING, TYPING_FRAME_BYTES, (view, at) => writeTyping(view, at, high, low, state)],
        [FrameType.SET_PRESENCE, SET_PRESENCE_FRAME_BYTES, (view, at) => writeSetPresence(view, at, state)],
      ];
      for (const [type, bytes, write] of rows) {
        const view = new DataView(new Uint8Array(offset + bytes + 4).fill(GUARD).buffer);
        write(view, offset);
        const header = view.getUint16(offset, true);
        assert.deepEqual([headerType(header), headerBodyBytes(header)], [type, bytes - HEADER_BYTES]);
        assert.equal(TYPE_BODY_BYTES_MAX[type], bytes - HEADER_BYTES);
        const body = offset + HEADER_BYTES;
        if (type === FrameType.SET_PRESENCE) assert.equal(readOwnState(view, body), state);
        else assert.equal(accountNumber(readWatchedHigh(view, body), readWatchedLow(view, body)), account);
        if (type === FrameType.PRESENCE || type === FrameType.TYPING) assert.equal(readWatchedState(view, body), state);
        if (type === FrameType.PRESENCE) assert.equal(readLastSeenSeconds(view, body), lastSeenSeconds);
        for (let n = 0; n < offset; n++) assert.equal(view.getUint8(n), GUARD);
        for (let n = offset + bytes; n < view.byteLength; n++) assert.equal(view.getUint8(n), GUARD);
      }
    }),
  );
});

it('writes each frame as the exchange in PROTOCOL.md', () => {
  const text = readFileSync(new URL('../../src/wire/PROTOCOL.md', import.meta.url), 'utf8');
  const section = text.slice(text.indexOf('## Presence and typing'), text.indexOf('## Read receipts'));
  const lines = [...section.matchAll(/[→←] ([A-Z_]+) +((?:[0-9a-f]{2}(?: |$))+)/gm)];
  const inText = lines.map(([, name, bytes = '']) => `${name} ${bytes.trim()}`);
  const hex = (name: string, bytes: number, write: (view: DataView) => void): string => {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    return `${name} ${Buffer.from(view.buffer)
      .toString('hex')
      .replace(/(..)(?=.)/g, '$1 ')}`;
  };
  const [high, first, second] = [
    accountHigh(447_700_000_001),
    accountLow(447_700_000_001),
    accountLow(447_700_000_002),
  ];
  const watch = (name: 'WATCH' | 'UNWATCH'): string =>
    hex(name, WATCH_FRAME_BYTES, (view) => writeWatch(view, 0, FrameType[name], high, second));
  const presence = (state: number, seconds: number): string =>
    hex('PRESENCE', PRESENCE_FRAME_BYTES, (view) => writePresence(view, 0, high, second, state, seconds));
  const typing = (low: number): string =>
    hex('TYPING', TYPING_FRAME_BYTES, (view) => writeTyping(view, 0, high, low, TypingState.TYPING));
  const set = hex('SET_PRESENCE', SET_PRESENCE_FRAME_BYTES, (view) => writeSetPresence(view, 0, 0));
  const { AVAILABLE, UNAVAILABLE } = PresenceState;
  assert.deepEqual(inText, [
    watch('WATCH'),
    presence(AVAILABLE, 0),
    typing(first),
    typing(second),
    set,
    presence(UNAVAILABLE, 0),
    watch('WATCH'),
    presence(UNAVAILABLE, 120),
    watch('UNWATCH'),
  ]);
});
