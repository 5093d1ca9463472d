/** Blocks of IPv4 addresses in the notation of RFC 4632, such as 127.1.0.0/20. */

export interface AddressBlock {
  /** The first and the last address, as 32 bits with the first octet in the highest byte. */
  readonly first: number;
  readonly last: number;
}

const NOTATION = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;
const ADDRESS_BITS = 32;

/** The block that a text names; null if it names none, or if bits behind the prefix are set. */
export function parseAddressBlock(text: string): AddressBlock | null {
  const [octets, prefix] = [NOTATION.exec(text)?.slice(1, 5).map(Number), Number(NOTATION.exec(text)?.[5])];
  if (octets === undefined || octets.some((octet) => octet > 255) || prefix > ADDRESS_BITS) return null;
  const first = octets.reduce((bits, octet) => bits * 256 + octet, 0);
  const size = 2 ** (ADDRESS_BITS - prefix);
  return first % size === 0 ? { first, last: first + size - 1 } : null;
}
