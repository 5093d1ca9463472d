/**
 * One rule for all peers: output that waits at a mark must be sent within the time-out. The model knows how long each
 * byte has waited: no peer is ended whose oldest byte has waited less than the time-out, and none stays without end.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SilentLink } from './silent-link.test-suite.ts';
import { LinkState, type StreamLink } from './stream-link.ts';
import { WatchedLinks, type WatchOwner } from './watched-links.ts';

const CONNECT_TIMEOUT = 1e6;
const OUTPUT_TIMEOUT = 3e6;
const CLOSE_PATIENCE = 2e6;
/** Limits are checked at intervals, so an end may come this much later. */
const LOOK = 50_000;

class Owner implements WatchOwner {
  readonly slow: StreamLink[] = [];
  readonly connecting: StreamLink[] = [];

  connectsTooSlowly(link: StreamLink): void {
    this.connecting.push(link);
    link.state = LinkState.GONE;
  }

  readsTooSlowly(link: StreamLink): void {
    this.slow.push(link);
    link.state = LinkState.CLOSING;
  }
}

function makeWatch(): { watched: WatchedLinks; owner: Owner } {
  const limits = { connectTimeoutMicros: CONNECT_TIMEOUT, outputTimeoutMicros: OUTPUT_TIMEOUT };
  return { watched: new WatchedLinks(limits), owner: new Owner() };
}

function openLink(): SilentLink {
  const link = new SilentLink();
  link.state = LinkState.OPEN;
  return link;
}

const step = fc.record({
  elapsed: fc.integer({ min: LOOK, max: 1.5e6 }),
  written: fc.oneof(fc.constant(0), fc.nat(5000)),
  read: fc.oneof(fc.constant(0), fc.nat(5000)),
});

describe('links that are watched', () => {
  it('are ended for slow reading only when a byte has waited for the time-out, and surely after twice that', () => {
    let ended = 0;
    let steady = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), (script) => {
        const { watched, owner } = makeWatch();
        const link = openLink();
        /** When each byte that waits was written. */
        const model: number[] = [];
        let now = 0;
        for (const { elapsed, written, read } of script) {
          model.splice(0, read);
          link.bufferedBytes = model.length;
          if (written > 0) {
            model.push(...new Array<number>(written).fill(now));
            link.bufferedBytes = model.length;
            link.writtenBytes += written;
            watched.add(link, now); // as after each flush that leaves something
          }
          now += elapsed;
          watched.look(now, owner);
          const oldest = now - (model[0] ?? now);
          if (owner.slow.length > 0) {
            assert.ok(oldest > OUTPUT_TIMEOUT, `ended after ${oldest}`);
            ended++;
            return;
          }
          assert.ok(oldest <= 2 * OUTPUT_TIMEOUT + 2 * 1.5e6, `not ended after ${oldest}`);
        }
        steady++;
      }),
      { numRuns: 300 },
    );
    assert.ok(ended > 20 && steady > 20, `both happened: ${ended} ended, ${steady} stayed`);
  });

  it('stay however long something waits, as long as what waited at a mark goes in time', () => {
    const { watched, owner } = makeWatch();
    const link = openLink();
    link.writtenBytes = 1000;
    link.bufferedBytes = 1000;
    watched.add(link, 0);
    for (let now = 0; now < 20 * OUTPUT_TIMEOUT; now += OUTPUT_TIMEOUT / 2) {
      link.writtenBytes += 500; // and as much is read: 1,000 bytes wait all the time
      watched.look(now, owner);
    }
    assert.deepEqual(owner.slow, []);
  });

  it('are given up while they connect, and destroyed where the peer does not answer a close', () => {
    const { watched, owner } = makeWatch();
    const connecting = new SilentLink();
    const closing = new SilentLink();
    closing.state = LinkState.CLOSING;
    const answered = new SilentLink();
    answered.state = LinkState.CLOSING;
    for (const link of [connecting, closing, answered]) watched.add(link, 0);
    watched.look(CONNECT_TIMEOUT, owner);
    assert.deepEqual(owner.connecting, [], 'it still has time');
    watched.look(CONNECT_TIMEOUT + LOOK, owner);
    assert.deepEqual(owner.connecting, [connecting]);
    assert.equal(closing.destroyed, 0);
    watched.remove(answered);
    watched.look(CLOSE_PATIENCE + 2 * LOOK, owner);
    assert.equal(closing.destroyed, 1);
    assert.equal(answered.destroyed, 0, 'its end has come');
  });

  it('are looked at now and then only, and are let go of when nothing waits', () => {
    const { watched, owner } = makeWatch();
    const link = openLink();
    link.writtenBytes = 10;
    link.bufferedBytes = 10;
    watched.add(link, 0);
    watched.look(OUTPUT_TIMEOUT, owner);
    watched.look(OUTPUT_TIMEOUT + 1, owner);
    assert.deepEqual(owner.slow, [], 'too soon after the last look');
    link.bufferedBytes = 0;
    watched.look(OUTPUT_TIMEOUT + LOOK, owner);
    link.bufferedBytes = 10;
    watched.look(10 * OUTPUT_TIMEOUT, owner);
    assert.deepEqual(owner.slow, [], 'it is watched no more');
  });
});
