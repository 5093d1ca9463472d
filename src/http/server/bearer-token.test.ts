/** The token of the HTTP side, made as the documentation says, and headers that have it or nearly. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bearerCheck, bearerToken } from './bearer-token.ts';

describe('the bearer token', () => {
  it('is what openssl and cut make of the secret', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (secret) => {
        const hexadecimal = createHmac('sha256', secret).update('http').digest('hex');
        assert.equal(bearerToken(secret), hexadecimal.slice(0, 32));
      }),
    );
    assert.equal(bearerToken('trunkline').length, 32);
    assert.notEqual(bearerToken('trunkline'), bearerToken('trunklinE'));
  });

  it('is found in a header whatever the case of the scheme and the spaces around it', () => {
    const isAllowed = bearerCheck('abc123');
    for (const header of ['Bearer abc123', 'bearer abc123', 'BEARER   abc123', 'Bearer abc123  ']) {
      assert.ok(isAllowed(header), header);
    }
  });

  it('is missing in anything else', () => {
    const isAllowed = bearerCheck('abc123');
    const headers = [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'abc123',
      'Basic abc123',
      'Bearer abc12',
      'Bearer abc1234',
      'Bearer ABC123',
      'Bearer abc123 abc123',
      'Bearer abc123, Bearer abc123',
      'XBearer abc123',
      'Bearerabc123',
      'Bearer\tabc123',
      'Bearer abc123\u0000',
    ];
    for (const header of headers) assert.ok(!isAllowed(header), JSON.stringify(header));
  });
});
