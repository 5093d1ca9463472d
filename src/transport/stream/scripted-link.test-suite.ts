/** A link whose socket does what a test says, and which checks what is written to it. */
import assert from 'node:assert/strict';
import { StreamLink } from './stream-link.ts';

/** The byte at a place of one direction of a connection: another one for each connection and place. */
export const byteAt = (serial: number, place: number): number => (serial * 31 + place * 7) & 255;

export class ScriptedLink extends StreamLink {
  readonly serial: number;
  /** Written, and not yet read by the peer. */
  override bufferedBytes = 0;
  /** All bytes that were ever written. */
  written = 0;
  /** How the socket was told to end. */
  ending: 'none' | 'gracefully' | 'at once' | 'by reset' = 'none';
  isGone = false;

  constructor(serial: number) {
    super();
    this.serial = serial;
  }

  /** Whether the socket is over once the peer has read what was written. */
  get mayGo(): boolean {
    return this.ending !== 'none' && (this.ending !== 'gracefully' || this.bufferedBytes === 0);
  }

  override write(bytes: Buffer): void {
    assert.notEqual(this.ending, 'gracefully', 'nothing is written to a socket that was told to end');
    if (this.ending !== 'none') return; // it was destroyed, because its peer did not answer
    for (const byte of bytes) assert.equal(byte, byteAt(this.serial, this.written++), 'output is in order');
    this.bufferedBytes += bytes.length;
  }

  override pause(): void {
    assert.ok(this.isPaused);
  }

  override resume(): void {
    this.isPaused = false;
  }

  override end(): void {
    assert.notEqual(this.ending, 'gracefully', 'a socket is ended once');
    if (this.ending === 'none') this.ending = 'gracefully';
  }

  override destroy(): void {
    if (this.ending !== 'by reset') this.ending = 'at once';
  }

  override reset(): void {
    this.ending = 'by reset';
    this.bufferedBytes = 0;
  }
}
