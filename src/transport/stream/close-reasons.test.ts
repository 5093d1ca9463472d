import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CloseReason } from '../../wire/transport.ts';
import { breakReason, refusalReason } from './close-reasons.ts';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

it('knows what keeps a connection from opening', () => {
  for (const [code, reason] of [
    ['ECONNREFUSED', CloseReason.CONNECT_REFUSED],
    ['ETIMEDOUT', CloseReason.CONNECT_TIMED_OUT],
    ['ENETUNREACH', CloseReason.UNREACHABLE],
    ['ENOTFOUND', CloseReason.UNREACHABLE],
    ['EPERM', CloseReason.FORBIDDEN],
    ['EACCES', CloseReason.FORBIDDEN],
    ['EADDRNOTAVAIL', CloseReason.PORTS_EXHAUSTED],
    ['EADDRINUSE', CloseReason.PORTS_EXHAUSTED],
    ['ENFILE', CloseReason.DESCRIPTORS_EXHAUSTED],
    ['ENOBUFS', CloseReason.MEMORY_EXHAUSTED],
    ['ECONNRESET', CloseReason.HANDSHAKE_FAILED],
  ] as const) {
    assert.equal(refusalReason(withCode(code), CloseReason.HANDSHAKE_FAILED), reason, code);
  }
  assert.equal(refusalReason('no error', CloseReason.BROKEN), CloseReason.BROKEN);
});

it('knows what ends an open connection', () => {
  assert.equal(breakReason(withCode('ECONNRESET')), CloseReason.BROKEN);
  assert.equal(breakReason(withCode('ENOMEM')), CloseReason.MEMORY_EXHAUSTED);
  assert.equal(breakReason(withCode('WS_ERR_INVALID_OPCODE')), CloseReason.VIOLATION);
  assert.equal(breakReason(new Error('no code')), CloseReason.BROKEN);
});
