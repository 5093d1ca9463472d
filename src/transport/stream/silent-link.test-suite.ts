/** A link without a socket, for tests of what transports over Node's sockets keep for each connection. */
import { StreamLink } from './stream-link.ts';

export class SilentLink extends StreamLink {
  override bufferedBytes = 0;
  destroyed = 0;
  override write(): void {}
  override pause(): void {}
  override resume(): void {}
  override end(): void {}
  override destroy(): void {
    this.destroyed++;
  }
  override reset(): void {}
}
