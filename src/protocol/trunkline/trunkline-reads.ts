/**
 * What phones say about reading in trunkline's own protocol. A READ names a message by the id that its author gave it,
 * which is known only while the message is delivered.
 */
import type { NumberingPlan } from '../../wire/numbering-plan.ts';
import { ID_UNKNOWN, type PhoneListener, type ReadsProtocol } from '../../wire/phone-protocol.ts';
import { READ_FRAME_BYTES, writeRead } from '../../wire/read-frames.ts';
import type { PhoneTransport } from '../../wire/transport.ts';
import { MESSAGE_ROOM_BYTES } from './message-room.ts';

export class TrunklineReads implements ReadsProtocol {
  /** Set while a message is delivered. */
  deliveredId = ID_UNKNOWN;
  readonly #plan: NumberingPlan;
  readonly #transport: PhoneTransport;
  readonly #listener: PhoneListener;

  constructor(plan: NumberingPlan, transport: PhoneTransport, listener: PhoneListener) {
    this.#plan = plan;
    this.#transport = transport;
    this.#listener = listener;
  }

  read(_row: number, connection: number, author: number, id: number): boolean {
    const at = this.#transport.claim(connection, READ_FRAME_BYTES, MESSAGE_ROOM_BYTES);
    if (at < 0) return false;
    writeRead(this.#transport.output, at, id, this.#plan.highOf(author), this.#plan.lowOf(author));
    this.#transport.commit();
    this.#listener.frameOut();
    return true;
  }
}
