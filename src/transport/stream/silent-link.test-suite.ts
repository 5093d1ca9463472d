/** A link without a socket, for tests of tables and queues of links. */
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
