/**
 * A switch that only answers. The driver is measured against it to find the driver's own limit. It accepts every login
 * and echoes each message to its sender, with the frames that a real switch would send. Its only state per connection
 * is a partial frame.
 */

import { copyBytes } from '../base/copy-bytes.ts';
import { count } from '../base/counters.ts';
import { EVICTED_NONE, FrameAssembler } from '../wire/frame-assembler.ts';
import {
  Capability,
  FrameType,
  LoginCode,
  messageFrameBytes,
  payloadStart,
  readAccountHigh,
  readAccountLow,
  readSerial,
  writeMessage,
} from '../wire/frames.ts';
import { FrameFlow, type FrameSink } from '../wire/parse-frames.ts';
import { CLAIM_GONE, CloseReason, type ConnectionEvents, type Transport } from '../wire/transport.ts';
import { INPUT_ANSWER_BYTES_MAX, PhoneOutput } from './phone-output.ts';
import type { ShardSettings } from './terms/shard-settings.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

const HEARTBEAT_MILLIS = 60_000;

/** What it shares with a real shard. */
export type NullShardSettings = Pick<ShardSettings, 'plan' | 'inputsPerTurn' | 'partialFramesMax'>;

export class NullShard implements ConnectionEvents, FrameSink {
  readonly counters: Float64Array;
  readonly #transport: Transport;
  readonly #output: PhoneOutput;
  readonly #assembler: FrameAssembler;
  readonly #inputsPerTurn: number;
  readonly #reserveBytes: number;
  #slot = 0;

  constructor(settings: NullShardSettings, transport: Transport, counters: Float64Array) {
    this.counters = counters;
    this.#transport = transport;
    this.#inputsPerTurn = settings.inputsPerTurn;
    this.#reserveBytes = INPUT_ANSWER_BYTES_MAX * settings.inputsPerTurn;
    this.#assembler = new FrameAssembler(settings.partialFramesMax);
    this.#output = new PhoneOutput(transport, settings.plan, counters, settings.inputsPerTurn);
  }

  doWork(): number {
    const room = Math.floor(this.#transport.roomBytes() / (INPUT_ANSWER_BYTES_MAX + messageFrameBytes(0)));
    const inputs = Math.min(this.#inputsPerTurn, room);
    const done = inputs > 0 ? this.#transport.poll(this, inputs) : 0;
    this.#transport.flush();
    return done;
  }

  hasInput(): boolean {
    return this.#transport.hasInput();
  }

  opened(): void {
    count(this.counters, SwitchCounter.connectionsOpened);
  }

  refused(): void {
    // Only a phone connects.
  }

  closed(_token: number, slot: number): void {
    count(this.counters, SwitchCounter.connectionsClosed);
    this.#assembler.forget(slot);
    this.#transport.release(slot);
  }

  bytes(_token: number, slot: number, view: DataView, start: number, end: number): number {
    this.#slot = slot;
    const taken = this.#assembler.feed(slot, view, start, end, this);
    const { evicted } = this.#assembler;
    if (evicted !== EVICTED_NONE) {
      count(this.counters, SwitchCounter.violationsPartialFrames);
      this.#transport.close(evicted, CloseReason.VIOLATION);
    }
    return taken;
  }

  frame(type: number, view: DataView, body: number, end: number): FrameFlow {
    count(this.counters, SwitchCounter.framesIn);
    switch (type) {
      case FrameType.LOGIN:
        count(this.counters, SwitchCounter.loginsAccepted);
        this.#output.loginResult(this.#slot, LoginCode.ACCEPTED, Capability.RECEIPTS, 0, HEARTBEAT_MILLIS, 0);
        return FrameFlow.NEXT;
      case FrameType.SEND:
        return this.#echo(view, body, end);
      case FrameType.PING:
        this.#output.pong(this.#slot);
        return FrameFlow.NEXT;
      default:
        return FrameFlow.NEXT;
    }
  }

  unknownFrame(): FrameFlow {
    return FrameFlow.NEXT;
  }

  malformed(): void {
    count(this.counters, SwitchCounter.violationsMalformed);
  }

  /** Acknowledges a message, delivers it to its sender, and sends the receipt. */
  #echo(view: DataView, body: number, end: number): FrameFlow {
    const id = readSerial(view, body);
    const payloadAt = payloadStart(body);
    const payloadBytes = end - payloadAt;
    const at = this.#transport.claim(this.#slot, messageFrameBytes(payloadBytes), this.#reserveBytes);
    if (at < 0) return at === CLAIM_GONE ? FrameFlow.STOP : FrameFlow.STALL;
    const { output } = this.#transport;
    const [high, low] = [readAccountHigh(view, body), readAccountLow(view, body)];
    const to = writeMessage(output, at, FrameType.DELIVER, id, high, low, payloadBytes);
    copyBytes(view, payloadAt, this.#transport.output, to, payloadBytes);
    this.#transport.commit();
    count(this.counters, SwitchCounter.deliveries);
    count(this.counters, SwitchCounter.framesOut);
    this.#output.acknowledge(this.#slot, id);
    this.#output.receipt(this.#slot, id);
    return FrameFlow.NEXT;
  }
}
