/** The HTTP side of a small switch, in one thread and with a clock that only tests move. */
import { SmallSwitch, type SmallSwitchSettings } from '../../switch/small-switch.test-suite.ts';
import type { ProblemCode } from '../api/problems.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { GatewayOperations, type Reply } from './gateway-operations.ts';
import { type GatewayLimits, GatewayServer } from './gateway-server.ts';
import type { Problem } from './http-answer.ts';
import { OpenAnswers } from './open-answers.ts';

export const PHONES = 6;
export const BUSINESSES = 2;
export const ANSWER_MICROS = 5e6;

export interface SmallHttpSettings extends Omit<SmallSwitchSettings, 'accounts' | 'businesses'> {
  readonly limits?: Partial<GatewayLimits>;
  readonly phones?: number;
}

const LIMITS: GatewayLimits = {
  body: 4096,
  headers: 4096,
  rate: 1e6,
  burst: 1e6,
  openRequests: 100,
  connections: 100,
  requestTimeout: 10e6,
};

/** What a request was answered: the object, or the code of a problem. */
export type Answered<T> = { readonly answer: T } | { readonly code: ProblemCode; readonly problem: Problem };

/** Keeps what a request is replied, in the order of the replies. */
export class Replies<T> {
  readonly all: Answered<T>[] = [];
  readonly reply: Reply<T> = (answer, problem) => {
    if (problem !== null) this.all.push({ code: problem.code, problem });
    else if (answer !== null) this.all.push({ answer });
  };

  get codes(): (ProblemCode | 'ok')[] {
    return this.all.map((one) => ('code' in one ? one.code : 'ok'));
  }
}

export class SmallHttp {
  readonly small: SmallSwitch;
  readonly answers = new OpenAnswers(ANSWER_MICROS);
  readonly operations: GatewayOperations;
  readonly server: GatewayServer;
  /** How often the thread was told that it has work. */
  wakes = 0;
  /** Whether the switch works as soon as a request has come. */
  isAwake = true;

  constructor({ limits = {}, phones = PHONES, ...settings }: SmallHttpSettings = {}, token: string | null = null) {
    this.small = new SmallSwitch({ accounts: phones, businesses: BUSINESSES, questionsMax: 64, ...settings });
    const gateway = this.small.openGateway(this.answers);
    const clock = {
      nowMicros: () => this.small.nowMicros,
      tell: (into: Float64Array): void => {
        into[0] = this.small.nowMicros;
      },
    };
    this.operations = new GatewayOperations({
      gateway,
      answers: this.answers,
      plan: this.small.plan,
      homes: this.small.homes,
      firstBusiness: phones,
      businesses: BUSINESSES,
      tickMicros: settings.tickMicros ?? 78_125,
      clock,
    });
    const counters = this.small.gatewayCounters;
    const shards = this.small.shards.map((shard) => shard.counters);
    this.server = new GatewayServer({ ...LIMITS, ...limits }, token, {
      operations: this.operations,
      metrics: new GatewayMetrics({ shards, gateway: counters }),
      counters,
      clock,
      wake: () => this.#wake(),
      version: '0.0.0',
    });
  }

  /** Asks to send a message, given as an object or a text. */
  send(request: unknown): Replies<object> {
    const replies = new Replies<object>();
    const text = typeof request === 'string' ? request : JSON.stringify(request);
    this.operations.send(Buffer.from(text), replies.reply);
    return replies;
  }

  /** The number of an account, as requests name it. */
  number(account: number): string {
    return String(this.small.number(account));
  }

  #wake(): void {
    this.wakes++;
    if (this.isAwake) this.small.settle();
  }
}
