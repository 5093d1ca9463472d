/** `--stream`: where the intervals of runs go while they run. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { TrunklineError } from '../../base/errors.ts';
import type { StreamOrder } from '../../run/streams/run-streams.ts';
import { PORT_MAX, parseAddress } from './address.ts';

export interface StreamArguments {
  readonly stream: readonly string[];
}

export function streamOptions<Before>(yargs: Argv<Before>): Argv<Before & StreamArguments> {
  return yargs.option('stream', {
    type: 'string',
    array: true,
    nargs: 1,
    default: [] as string[],
    describe:
      'Pass on each interval: prometheus=PORT (on 127.0.0.1) or =HOST:PORT, csv=FILE, jsonl=FILE, statsd=HOST:PORT; may be repeated',
  });
}

/** For what must be known although nothing else is said. */
export function sayOnStderr(text: string): void {
  process.stderr.write(`${text}\n`);
}

const FORMS = 'prometheus=PORT, csv=FILE, jsonl=FILE or statsd=HOST:PORT';
const LOOPBACK = '127.0.0.1';

/** @throws ARGUMENT_INVALID for any that is not well formed, and for two with the same destination. */
export function streamOrders({ stream }: StreamArguments): StreamOrder[] {
  const orders = stream.map(parseStream);
  const seen = new Set<string>();
  for (const order of orders) {
    const destination = 'path' in order ? order.path : `${order.kind} ${order.host}:${order.port}`;
    if (seen.has(destination)) throw invalid(`${order.option}: expected each destination once, found it twice.`);
    seen.add(destination);
  }
  return orders;
}

function parseStream(text: string): StreamOrder {
  const option = `--stream ${text}`;
  const [, kind, value = ''] = /^([a-z]+)=(.+)$/s.exec(text) ?? [];
  switch (kind) {
    case 'csv':
    case 'jsonl':
      return { kind, path: resolve(value), option };
    case 'prometheus':
      if (!/^\d+$/.test(value)) return { kind, ...parseAddress(option, value, 0), option };
      if (Number(value) > PORT_MAX) throw invalid(`${option}: expected a port of at most ${PORT_MAX}.`);
      return { kind, host: LOOPBACK, port: Number(value), option };
    case 'statsd':
      return { kind, ...parseAddress(option, value, 1), option };
    default:
      throw invalid(`--stream: expected ${FORMS}, found "${text}".`);
  }
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('ARGUMENT_INVALID', message);
}
