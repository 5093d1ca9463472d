/** How many frames per second one thread writes, and cuts out of a stream. */

import { FrameType, messageFrameBytes, writeMessage } from './frames.ts';
import { FrameFlow, parseFrames } from './parse-frames.ts';

const FRAMES = 1000;
const ROUNDS = 20_000;
const PAYLOAD_BYTES = 64;

const view = new DataView(new ArrayBuffer(FRAMES * messageFrameBytes(PAYLOAD_BYTES)));
const sink = {
  seen: 0,
  frame: () => {
    sink.seen++;
    return FrameFlow.NEXT;
  },
  unknownFrame: () => FrameFlow.NEXT,
  malformed: () => {},
};

function write(): void {
  let at = 0;
  for (let id = 1; id <= FRAMES; id++)
    at = writeMessage(view, at, FrameType.SEND, id, 104, id, PAYLOAD_BYTES) + PAYLOAD_BYTES;
}

function perSecond(work: () => void): number {
  work(); // once without being timed
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round++) work();
  return (FRAMES * ROUNDS * 1000) / (performance.now() - start);
}

const figures = {
  writeFramesPerSecond: perSecond(write),
  parseFramesPerSecond: perSecond(() => {
    parseFrames(view, 0, view.byteLength, sink);
  }),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
