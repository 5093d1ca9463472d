/**
 * Tokens that prove account numbers: the first 16 bytes of HMAC-SHA256 over the number's decimal digits, with a secret
 * that the switch and the issuer of tokens share.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TokenSigner } from '../../protocol/trunkline/token-signer.ts';
import type { Authenticator } from '../../switch/terms/shard-settings.ts';
import { accountNumber } from '../../wire/frames.ts';

export const TOKEN_BYTES = 16;

/** The token of an account number. */
export function tokenOf(secret: string, account: number): Uint8Array {
  return createHmac('sha256', secret).update(String(account)).digest().subarray(0, TOKEN_BYTES);
}

/** Verifies tokens in constant time. */
export function hmacAuthenticator(secret: string): Authenticator {
  return (high, low, view, at, bytes) => {
    if (bytes !== TOKEN_BYTES) return false;
    const found = new Uint8Array(view.buffer, view.byteOffset + at, bytes);
    return timingSafeEqual(Uint8Array.from(found), tokenOf(secret, accountNumber(high, low)));
  };
}

/** Issues tokens. */
export function hmacSigner(secret: string): TokenSigner {
  return {
    tokenBytes: TOKEN_BYTES,
    sign: (account, view, at) => {
      for (const [i, byte] of tokenOf(secret, account).entries()) view.setUint8(at + i, byte);
    },
  };
}

/** Accepts every login, for scenarios without authentication. */
export const acceptEveryone: Authenticator = () => true;

/** Issues no tokens. */
export const noTokens: TokenSigner = { tokenBytes: 0, sign: () => {} };
