/**
 * Loaded before a run by the tests and by the experiment about capacity: lets each shard take so many
 * messages per second and no more, by a token bucket. The others wait in front of it, as they do in front
 * of a shard that is busy; so the capacity is known by construction.
 */
import { isMainThread, workerData } from 'node:worker_threads';
import { PhoneFrames } from '../../../switch/phone-frames.ts';
import { FrameType } from '../../../wire/frames.ts';
import { FrameFlow } from '../../../wire/parse-frames.ts';

const PER_SECOND = Number(process.env['TEST_MESSAGES_PER_SECOND'] ?? Number.POSITIVE_INFINITY);
/** Tokens that an idle shard saves up: what comes within a few milliseconds. */
const BURST = Math.max(1, PER_SECOND * 0.005);

function isShard(): boolean {
  const data: unknown = workerData;
  if (isMainThread || typeof data !== 'object' || data === null || !('data' in data)) return false;
  const inner = data.data;
  return typeof inner === 'object' && inner !== null && 'role' in inner && inner.role === 'shard';
}

if (isShard()) {
  let tokens = BURST;
  let filledMillis = performance.now();
  const take = (): boolean => {
    const now = performance.now();
    tokens = Math.min(BURST, tokens + ((now - filledMillis) / 1000) * PER_SECOND);
    filledMillis = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
  const frame = PhoneFrames.prototype.frame;
  PhoneFrames.prototype.frame = function limited(type, view, body, end) {
    return type === FrameType.SEND && !take() ? FrameFlow.STALL : frame.call(this, type, view, body, end);
  };
}
