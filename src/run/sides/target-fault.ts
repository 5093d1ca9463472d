/**
 * Whether a switch that is not part of the run can be used at all. The first logins show it: if all of them failed, the
 * others would fail too, and the user wants to know the reason at once.
 */
import { formatCount } from '../../base/units.ts';
import type { DriverCounterName } from '../../driver/terms/driver-counters.ts';
import type { SocketCounterName } from '../../transport/socket-counters.ts';
import { memoryLevels } from '../../verdict/record/memory-levels.ts';
import type { SwitchTarget } from '../worker/thread/worker-messages.ts';
import type { RunSides } from './run-sides.ts';

/** Number of failures without any success that is no longer attributed to chance. */
const FAILURES_TELL = 20;
/** A switch that has not answered any phone for this time is judged to be silent. */
const FIRST_ANSWER_MICROS = 10e6;

interface Cause {
  readonly counter: DriverCounterName | SocketCounterName;
  readonly what: string;
  readonly advice: string;
}

const CAUSES: readonly Cause[] = [
  {
    counter: 'connectsFailedRefused',
    what: 'connects refused',
    advice: 'Nothing listens there: start trunkline serve, or name another --target.',
  },
  {
    counter: 'connectsFailedTimeOut',
    what: 'connects without an answer',
    advice: 'There is no machine at this address, or packets are dropped on the way: check --target and firewalls.',
  },
  {
    counter: 'connectsFailedUnreachable',
    what: 'connects without a route',
    advice: 'The network has no route to this address: check --target.',
  },
  {
    counter: 'connectsFailedForbidden',
    what: 'connects forbidden by this machine',
    advice: 'A firewall or another policy of this machine forbids it (EPERM, EACCES): allow what goes out to --target.',
  },
  {
    counter: 'connectsFailedPorts',
    what: 'connects without a free port here',
    advice: 'This machine has no port left: see trunkline doctor --sides driver.',
  },
  {
    counter: 'connectsFailedDescriptors',
    what: 'connects without a free descriptor here',
    advice: 'This process may open no more files: see trunkline doctor --sides driver.',
  },
  {
    counter: 'connectsFailedMemory',
    what: 'connects without kernel memory here',
    advice: 'The kernel of this machine has no memory for sockets.',
  },
  { counter: 'connectsFailedOther', what: 'connects failed', advice: 'Check --target.' },
  {
    counter: 'handshakesFailed',
    what: 'handshakes failed',
    advice:
      'What listens there does not speak this transport, or its certificate is not trusted: see --transport and --tls-ca.',
  },
  {
    counter: 'loginsRefusedVersion',
    what: 'logins refused: protocol version',
    advice: 'The switch speaks another major version of the protocol: use the same release on both sides.',
  },
  {
    counter: 'loginsRefusedToken',
    what: 'logins refused: wrong token',
    advice:
      'The switch has another secret: give both sides the same one (--secret, TRUNKLINE_SECRET or --secret-file).',
  },
  {
    counter: 'loginsRefusedAccount',
    what: 'logins refused: number not served',
    advice:
      "The switch serves other numbers: give it the scenario's (serve --numbers or --scenario), or set numbering.",
  },
  { counter: 'loginsRefusedBusy', what: 'logins refused: busy', advice: 'The switch takes no logins now: try later.' },
  {
    counter: 'loginsForeign',
    what: 'answers of another protocol',
    advice: 'What listens there is not a trunkline switch, or speaks TLS or another transport: check --target.',
  },
  {
    counter: 'loginsCutOff',
    what: 'connections closed before the login was answered',
    advice: 'Either it is not a trunkline switch of this transport, or it is full or stopping.',
  },
  {
    counter: 'loginsTimedOut',
    what: 'logins without an answer',
    advice: 'Something accepts connections there and stays silent: it may be another server.',
  },
];

/**
 * @returns a function that examines the logins so far: a sentence once it is clear that none succeeds, otherwise null.
 */
export function targetFault(sides: RunSides, targets: readonly SwitchTarget[]): () => string | null {
  const { online, settings } = sides.plan;
  const limit = Math.min(FAILURES_TELL, memoryLevels(online, settings.phases.levels)[0] ?? 1);
  let sinceMicros = Number.POSITIVE_INFINITY;
  return () => {
    const started = sides.driver('connectsStarted');
    if (started === 0 || sides.driver('loginsAccepted') > 0) return null;
    const now = sides.clock.nowMicros();
    sinceMicros = Math.min(sinceMicros, now);
    const { driver, driverSockets } = sides.counters();
    const counts = { ...driver, ...driverSockets };
    const found = CAUSES.map((cause) => ({ ...cause, count: counts[cause.counter] ?? 0 })).filter(
      (one) => one.count > 0,
    );
    const failed = found.reduce((sum, one) => sum + one.count, 0);
    if (failed < limit && now - sinceMicros < FIRST_ANSWER_MICROS) return null;
    return sentenceOf(targets, found, started - failed);
  };
}

function sentenceOf(
  targets: readonly SwitchTarget[],
  found: readonly (Cause & { readonly count: number })[],
  unanswered: number,
): string {
  const places = targets.map(({ host, port }) => `${host} port ${port}`).join(', ');
  const causes = [...found].sort((a, b) => b.count - a.count);
  if (causes.length === 0) {
    return `No phone could log in at ${places}: ${formatCount(unanswered)} logins have had no answer for ${FIRST_ANSWER_MICROS / 1e6} s. Something accepts connections there and stays silent: it may be another server.`;
  }
  const list = causes.map(({ what, count }) => `${formatCount(count)} ${what}`).join(', ');
  // More attempts fail until the load has stopped; the counters of the result have these too.
  return `No phone could log in at ${places}: the run was ended after ${list}. ${causes[0]?.advice ?? ''}`;
}
