import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { acceptEveryone, hmacAuthenticator, hmacSigner, noTokens, TOKEN_BYTES, tokenOf } from './token-authority.ts';

const account = fc.integer({ min: 1, max: 10 ** 15 - 1 });
const secret = fc.string({ minLength: 1 });
const AT = 3;

function halves(number: number): [high: number, low: number] {
  return [Math.floor(number / 2 ** 32), number % 2 ** 32];
}

/** Whether a frame that contains this token at some position logs in. */
function accepts(ofSecret: string, number: number, token: Uint8Array): boolean {
  const frame = new Uint8Array(AT + token.length + 5).fill(0xff);
  frame.set(token, AT);
  const [high, low] = halves(number);
  return hmacAuthenticator(ofSecret)(high, low, new DataView(frame.buffer), AT, token.length);
}

describe('tokens', () => {
  it('are what others make by the same rule: HMAC-SHA256 over the digits, its first 16 bytes', () => {
    const whole = createHmac('sha256', 'a secret').update('447700900123').digest();
    assert.deepEqual([...tokenOf('a secret', 447_700_900_123)], [...whole.subarray(0, 16)]);
  });

  it('that are signed are accepted, for that account and secret alone', () => {
    fc.assert(
      fc.property(account, account, secret, secret, (number, other, ofSecret, another) => {
        const signer = hmacSigner(ofSecret);
        const frame = new Uint8Array(AT + signer.tokenBytes);
        signer.sign(number, new DataView(frame.buffer), AT);
        const token = frame.slice(AT);
        assert.equal(accepts(ofSecret, number, token), true);
        if (other !== number) assert.equal(accepts(ofSecret, other, token), false);
        if (another !== ofSecret) assert.equal(accepts(another, number, token), false);
      }),
    );
  });

  it('are refused with one bit changed, cut short, too long or empty', () => {
    fc.assert(
      fc.property(account, fc.nat(TOKEN_BYTES * 8 - 1), (number, bit) => {
        const token = Uint8Array.from(tokenOf('s', number));
        const changed = Uint8Array.from(token);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.equal(accepts('s', number, changed), false);
        assert.equal(accepts('s', number, token.slice(1)), false);
        assert.equal(accepts('s', number, Uint8Array.from([...token, 0])), false);
        assert.equal(accepts('s', number, new Uint8Array(0)), false);
      }),
    );
  });

  it('are not asked for without authentication', () => {
    assert.equal(noTokens.tokenBytes, 0);
    assert.equal(acceptEveryone(0, 1, new DataView(new ArrayBuffer(0)), 0, 0), true);
  });
});
