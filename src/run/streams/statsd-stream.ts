/**
 * Sends intervals to a StatsD server as gauges over UDP. Nobody answers, so a datagram that is lost on its way is not
 * noticed; one that this machine could not send is dropped and counted.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { causeOf } from '../../base/cause-of.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import { resolveHost } from '../sides/start-listening.ts';
import { FIGURES } from './interval-figures.ts';
import type { OnFault, RunPlace, Stream, StreamedRun } from './stream.ts';

/** Maximum of a datagram: what fits a frame of Ethernet, less the headers of IPv6 and UDP. */
export const DATAGRAM_BYTES_MAX = 1432;
/** Maximum of datagrams that the system has not taken yet. */
const UNSENT_MAX = 100;
/** Time that the last datagrams may take after the run. */
const CLOSE_MILLIS = 1000;

export class StatsdStream implements Stream {
  readonly #socket: Socket;
  readonly #address: string;
  readonly #port: number;
  readonly #onFault: OnFault;
  #prefix = 'trunkline';
  #place: RunPlace | null = null;
  #unsent = 0;
  #dropped = 0;

  private constructor(socket: Socket, address: string, port: number, onFault: OnFault) {
    this.#socket = socket;
    this.#address = address;
    this.#port = port;
    this.#onFault = onFault;
    socket.on('error', (error) => onFault(error.message));
    socket.unref();
  }

  /** @throws HOST_UNKNOWN, or SystemError if there is no socket for this kind of address. */
  static async open(host: string, port: number, onFault: OnFault): Promise<StatsdStream> {
    const address = await resolveHost(host);
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.bind();
    await once(socket, 'listening');
    return new StatsdStream(socket, address, port, onFault);
  }

  get dropped(): number {
    return this.#dropped;
  }

  begin({ scenario, place }: StreamedRun): void {
    const side = place === null || place.side === null ? '' : `.${namePart(place.side)}`;
    this.#prefix = `trunkline.${namePart(scenario)}${side}`;
    this.#place = place;
  }

  interval(interval: Interval): void {
    const datagrams = datagramsOf(gauges(this.#prefix, this.#place, interval));
    if (this.#unsent + datagrams.length > UNSENT_MAX) {
      this.#dropped++;
      return;
    }
    let isDropped = false;
    for (const datagram of datagrams) {
      this.#unsent++;
      this.#socket.send(datagram, this.#port, this.#address, (error) => {
        this.#unsent--;
        if (error === null || isDropped) return;
        isDropped = true;
        this.#dropped++;
        this.#onFault(causeOf(error));
      });
    }
  }

  async close(): Promise<void> {
    const until = performance.now() + CLOSE_MILLIS;
    while (this.#unsent > 0 && performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}

/** One line per gauge: `name:value|g`. Figures that are not known are left out. */
function gauges(prefix: string, place: RunPlace | null, interval: Interval): string[] {
  const lines: string[] = [];
  const add = (name: string, value: number | null): void => {
    if (value === null) return;
    // A value with a sign would be added to the gauge, so a negative one is set in two steps.
    if (value < 0) lines.push(`${prefix}.${name}:0|g`);
    lines.push(`${prefix}.${name}:${value}|g`);
  };
  add('runNumber', place?.number ?? null);
  add('runsPlanned', place?.of ?? null);
  for (const name of FIGURES) add(name, interval[name]);
  for (const { name, busyShare, collections, pauseMicros } of interval.threads) {
    const thread = `threads.${namePart(name)}`;
    add(`${thread}.busyShare`, busyShare);
    add(`${thread}.collections`, collections);
    add(`${thread}.pauseMicros`, pauseMicros);
  }
  return lines;
}

/** A part of a name in which no character means anything to StatsD or Graphite. */
function namePart(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 100) || '_';
}

/** Joins lines to datagrams of at most {@link DATAGRAM_BYTES_MAX}. All characters are ASCII. */
function datagramsOf(lines: readonly string[]): string[] {
  const datagrams: string[] = [];
  let last = '';
  for (const line of lines) {
    const joined = last === '' ? line : `${last}\n${line}`;
    if (joined.length <= DATAGRAM_BYTES_MAX) {
      last = joined;
      continue;
    }
    datagrams.push(last);
    last = line;
  }
  if (last !== '') datagrams.push(last);
  return datagrams;
}
