/** A thread with an event reactor that echoes over sockets and counts the work for which its bell rings. */
import { parentPort, workerData } from 'node:worker_threads';
import { Doorbell } from '../../../ring/doorbell.ts';
import { nodeTcpSwitchTransport } from '../../../transport/node-tcp/node-tcp-transport.ts';
import { CLAIM_FULL, type ConnectionEvents } from '../../../wire/transport.ts';
import { EventSleeper } from './event-sleeper.ts';
import { runEventReactor } from './run-event-reactor.ts';

/** Words of the memory that the test and the thread share. */
export const ReactorWord = {
  BELL: 0,
  /** Work that producers announce; see Doorbell. */
  ANNOUNCED: 16,
  /** The amount of that work that the reactor has done. */
  DONE: 32,
  STOP: 48,
  TURNS: 49,
} as const;

export interface ReactorOrder {
  readonly memory: SharedArrayBuffer;
  readonly parkMicros: number;
}

async function main(order: ReactorOrder): Promise<void> {
  const words = new Int32Array(order.memory);
  const sleeper = new EventSleeper(new Doorbell(words, ReactorWord.BELL));
  const nowMicros = (): number => performance.now() * 1000;
  const transport = nodeTcpSwitchTransport(
    {
      connectionsMax: 16,
      outputPoolBytes: 65_536,
      outputLimitBytes: 65_536,
      outputTimeoutMicros: 10e6,
      noDelay: true,
      backlog: 16,
      handshakeTimeoutMicros: 10e6,
      tls: null,
    },
    nowMicros,
    sleeper.wake,
  );
  const echo: ConnectionEvents = {
    opened: () => {},
    refused: () => {},
    closed: (_token, slot) => transport.release(slot),
    bytes: (_token, slot, view, start, end) => {
      const at = transport.claim(slot, end - start, 0);
      if (at === CLAIM_FULL) return 0;
      if (at < 0) return end - start;
      for (let i = start; i < end; i++) transport.output.setUint8(at + i - start, view.getUint8(i));
      transport.commit();
      return end - start;
    },
  };
  const announced = (): number => Atomics.load(words, ReactorWord.ANNOUNCED);
  const reactor = {
    doWork: (): number => {
      Atomics.add(words, ReactorWord.TURNS, 1);
      let done = transport.poll(echo, 64);
      const news = announced() - Atomics.load(words, ReactorWord.DONE);
      if (news > 0) Atomics.add(words, ReactorWord.DONE, 1);
      done += Math.min(news, 1);
      transport.flush();
      return done;
    },
    hasInput: (): boolean => transport.hasInput() || announced() !== Atomics.load(words, ReactorWord.DONE),
    untilDueMicros: (most: number): number => most,
  };
  const idle = { spins: 4, napMicros: 0, parkMicros: order.parkMicros };
  const { port } = await transport.listen({ host: '127.0.0.1', port: 0 });
  parentPort?.postMessage({ port });
  await runEventReactor(
    reactor,
    sleeper,
    idle,
    () => {},
    () => Atomics.load(words, ReactorWord.STOP) === 1,
  );
  await transport.shutdown();
}

if (parentPort !== null) await main(workerData as ReactorOrder); // the test passes it
