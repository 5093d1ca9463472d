/** Ends a connection at once, so that the peer is told by a reset. */
import type { Socket } from 'node:net';

/**
 * Resets a socket. Where its own side has ended already, it is only destroyed: Node 20 ends it by itself when the peer
 * has, and as long as the kernel has not confirmed that, Node refuses a reset with EINVAL, emits no `close`, and keeps
 * the descriptor open for ever.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
