/** The error of a machine that cannot give phones a device, with what to do about it. */
import { TrunklineError } from '../../../base/errors.ts';

/** What always helps. */
const INSTEAD_OF_TUN = 'Or use --set transport=tcp, which asks for none of this.';

/**
 * @param why what is missing, as the end of the sentence "The transport tun cannot be used: …".
 * @param remedy what to do, as a sentence.
 */
export function tunUnavailable(
  why: string,
  remedy = 'It needs Linux, /dev/net/tun and the right to make a network namespace.',
): TrunklineError {
  return new TrunklineError(
    'TRANSPORT_UNAVAILABLE',
    `The transport tun cannot be used: ${why}. ${remedy} ${INSTEAD_OF_TUN}`,
  );
}
