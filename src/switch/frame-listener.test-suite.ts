/** A phone that reads whole frames from its connection, which nobody refuses or closes. */
import assert from 'node:assert/strict';
import { type FrameFlow, type FrameSink, parseFrames } from '../wire/parse-frames.ts';
import type { ConnectionEvents } from '../wire/transport.ts';

export abstract class FrameListener implements FrameSink, ConnectionEvents {
  connection = -1;

  abstract frame(type: number, view: DataView, body: number, end: number): FrameFlow;

  unknownFrame(): FrameFlow {
    return assert.fail('a switch says what it knows');
  }

  malformed(): void {
    assert.fail('a switch writes whole frames');
  }

  opened(_token: number, connection: number): void {
    this.connection = connection;
  }

  refused(): void {
    assert.fail('there is room');
  }

  bytes(_token: number, _connection: number, view: DataView, start: number, end: number): number {
    assert.equal(parseFrames(view, start, end, this), end, 'frames are whole');
    return end - start;
  }

  closed(): void {
    assert.fail('nobody closes it');
  }
}
