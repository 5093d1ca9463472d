/** Ports for tests that must know one before anybody listens there. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that kernels give to whoever connects: those may be taken a moment later. */
const [FIRST, LAST] = [12_000, 32_000];
const TRIES = 1000;

/**
 * A port of 127.0.0.1 on which nobody listens, nor on those after it.
 *
 * @param count how many in a row have to be free.
 */
export async function freePort(count = 2): Promise<number> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST - count)); // another process of tests looks elsewhere
    const free = await Promise.all(Array.from({ length: count }, (_, n) => isFree(port + n)));
    if (free.every((one) => one)) return port;
  }
  throw new Error(`no ${count} free ports in a row between ${FIRST} and ${LAST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
