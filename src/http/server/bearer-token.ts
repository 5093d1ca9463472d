/**
 * The bearer token of the HTTP side: the first 16 bytes of HMAC-SHA256 over the word "http", with the secret of login
 * tokens, in hexadecimal. No number consists of letters, so it is the token of no phone, and it does not disclose the
 * secret. A user makes it with `printf http | openssl dgst -sha256 -hmac SECRET -r | cut -c1-32`.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const LABEL = 'http';
const TOKEN_BYTES = 16;
const SCHEME = /^bearer +([^ ]+) *$/i;

export function bearerToken(secret: string): string {
  return createHmac('sha256', secret).update(LABEL).digest().subarray(0, TOKEN_BYTES).toString('hex');
}

/** Checks the header `Authorization`. The comparison takes the same time for any token: digests are compared. */
export function bearerCheck(token: string): (header: string | undefined) => boolean {
  const expected = digest(token);
  return (header) => {
    const found = SCHEME.exec(header ?? '')?.[1];
    return found !== undefined && timingSafeEqual(digest(found), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
