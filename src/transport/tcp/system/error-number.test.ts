import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { describe, it } from 'node:test';
import { CloseReason } from '../../../wire/transport.ts';
import { refusalReason } from '../../stream/close-reasons.ts';
import { closeReasonOf, ErrorNumber, errorName } from './error-number.ts';

describe('the numbers of errors', () => {
  it('are those of this system', { skip: process.platform !== 'linux' }, () => {
    const known = new Map(Object.entries(constants.errno));
    for (const [name, number] of Object.entries(ErrorNumber)) assert.equal(number, known.get(name), name);
  });

  it('have names in messages, known or not', () => {
    assert.equal(errorName(ErrorNumber.EMFILE), 'EMFILE (24)');
    assert.equal(errorName(4242), 'errno 4242');
  });

  it('give the reason that the same error has over sockets of Node', () => {
    for (const [code, number] of Object.entries(ErrorNumber)) {
      const error = Object.assign(new Error(code), { code });
      assert.equal(closeReasonOf(number), refusalReason(error, CloseReason.BROKEN), code);
    }
    assert.equal(closeReasonOf(4242), CloseReason.BROKEN);
  });
});
