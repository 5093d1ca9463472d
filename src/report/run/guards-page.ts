/**
 * The guards of a run for the manual: what each measures, its limit, why it exists, and what to do if it trips. Limits
 * come from the code that judges, so that the manual cannot differ from it.
 */
import { formatMicros, formatShare } from '../../base/units.ts';
import { GUARD_NAMES, type GuardName } from '../../result/guard-names.ts';
import { BACKLOG_SHARE_MAX, TREND_SHARE_MAX } from '../../stats/steadiness.ts';
import { DEFAULT_LATENCY_THRESHOLD_MICROS, DRIVER_GUARD_LIMITS } from '../../verdict/guards/driver-guards.ts';
import { HTTP_SENT_SHARE_MIN } from '../../verdict/guards/http-guards.ts';
import { LOAD_GUARD_LIMITS } from '../../verdict/guards/load-guards.ts';
import { MACHINE_GUARD_LIMITS } from '../../verdict/guards/machine-guards.ts';
import { SOCKET_GUARD_LIMITS } from '../../verdict/guards/socket-guards.ts';

export interface GuardDescription {
  readonly measures: string;
  readonly limit: string;
  /** What the figures of a run would hide without the guard. */
  readonly why: string;
  readonly remedy: string;
}

const share = (of: number): string => formatShare(of);
const { delayShareMax, laneBusyShareMax, loadShareMax } = DRIVER_GUARD_LIMITS;
const { offeredShareMin, littleShareMax, halvesShareMax, intervalShareMax, measuredSecondsMin } = LOAD_GUARD_LIMITS;
const { stealShareMax, stealShareWarn, othersShareMax, waitShareMax } = MACHINE_GUARD_LIMITS;

/** In the order of `GUARD_NAMES`. */
export const GUARD_DESCRIPTIONS: Readonly<Record<GuardName, GuardDescription>> = {
  'load paused': {
    measures: 'time in which a user had paused the load (`p` in the live view)',
    limit: '0 s',
    why: 'during a pause queues empty and garbage is collected, so the load is no longer that of the scenario',
    remedy: 'run again without pausing',
  },
  ramp: {
    measures: 'phones that logged in or gave up, of all that were to connect',
    limit: 'all of them',
    why: 'memory per connection is a slope over levels of connections; without the upper levels it is extrapolated',
    remedy: 'connect more slowly (`login.rate`), use fewer phones, or raise the limit that `trunkline doctor` names',
  },
  'time measured': {
    measures: 'length of the measurement',
    limit: `warning below ${measuredSecondsMin} s`,
    why: 'a few seconds contain few rare events: garbage collections, time-outs, the tail of latencies',
    remedy: `\`--set phases.measure=${measuredSecondsMin}s\` or longer`,
  },
  'processor steal': {
    measures: 'processor time that the hypervisor gave to other virtual machines',
    limit: `warning above ${share(stealShareWarn)}, invalid above ${share(stealShareMax)}`,
    why: 'stolen time looks like a slow switch',
    remedy: 'use a machine whose processors are not shared, or run at another time',
  },
  'other programs': {
    measures: 'processor time of other programs on this machine, while threads of the run wait for a processor',
    limit: `invalid if others take more than ${share(othersShareMax)} and a thread waits more than ${share(waitShareMax)} of the time`,
    why: 'other programs on idle cores do no harm; those that displace a thread of the run do',
    remedy: 'stop them; `top` shows which they are',
  },
  throttling: {
    measures: 'periods in which the control group was stopped because its processor quota was used up',
    limit: '0',
    why: 'a throttled thread stops for tens of milliseconds, which appears in every percentile',
    remedy: 'raise the processor limit of the container, or use fewer threads than it has cores',
  },
  swapping: {
    measures: 'pages written to or read from swap',
    limit: '0',
    why: 'memory per connection and latency are then those of the disk',
    remedy: 'use fewer phones, or free memory first',
  },
  'listen backlog': {
    measures: 'connections that found a full backlog, or were dropped before they were accepted',
    limit: `${share(SOCKET_GUARD_LIMITS.listenOverflowShareMax)} of the connections started; beyond it *unknown* in runs with a declared storm or fault, because their times to return include the wait`,
    why: 'each such phone waits a second or more for its next attempt, whatever the switch does',
    remedy: 'connect more slowly, or raise `net.core.somaxconn` and `sockets.backlog`',
  },
  retransmission: {
    measures:
      'TCP segments that were lost and that the kernel sent again; not those that had arrived, as their receiver said (DSACK, RFC 2883)',
    limit: `${share(SOCKET_GUARD_LIMITS.retransmittedShareMax)} of the segments sent; with \`network\`, phones and kernel together may send ${SOCKET_GUARD_LIMITS.resentPerThrownAwayMax} more per packet that the networks throw away`,
    why: 'loopback loses nothing, so a segment that was lost had been dropped for lack of room',
    remedy: 'offer less, or stop other programs that use the network of this machine',
  },
  'socket memory': {
    measures: 'how often the kernel ran short of memory for sockets',
    limit: '0',
    why: 'under this pressure the kernel shrinks buffers and drops segments',
    remedy: 'use fewer phones, or raise `net.ipv4.tcp_mem`',
  },
  'free ports': {
    measures: 'connects that found no free local port',
    limit: '0',
    why: 'the kernel searches for a long time before it reports that there is none, and the driver pays for the search',
    remedy: 'lower `sockets.portsPerSource`, or widen `net.ipv4.ip_local_port_range`',
  },
  'invalid segments': {
    measures: 'segments of phones over `tun` that the kernel refused as malformed or with a wrong checksum',
    limit: '0',
    why: 'trunkline implements the TCP of these phones, so such a segment is a bug in trunkline',
    remedy: 'report it with the command and the seed of the run',
  },
  'packets in transit': {
    measures: 'packets over tun that a lane dropped because it had no room for more in transit (`network.held`)',
    limit: '0',
    why: 'they were lost because of the simulation, not because of the network that the scenario describes',
    remedy: 'raise `network.held`, or offer less',
  },
  'other sockets': {
    measures: 'sockets that other programs opened or closed while memory was read',
    limit: 'warning above the larger of 64 and 1 % of the connections',
    why: 'kernel memory is counted for the whole machine, so their sockets would be counted as those of the run',
    remedy:
      'stop these programs; or ignore the warning if you need no figure for kernel memory, which this run does not have',
  },
  'lane load': {
    measures: 'how busy the busiest lane of the driver was',
    limit: share(laneBusyShareMax),
    why: 'a saturated driver sends late and measures its own queue',
    remedy: 'add lanes if there are cores for them (`driver.lanes`), or offer less',
  },
  'driver load': {
    measures: 'offered messages per second, relative to the capacity of the driver in the calibration',
    limit: share(loadShareMax),
    why: 'near its own limit the driver, not the switch, determines the figures',
    remedy: 'offer less, or add lanes; without calibration this is a warning',
  },
  'send delay': {
    measures: 'p99 of the time from the due time of a message until the driver sent it',
    limit: `${share(delayShareMax)} of the threshold for delivery; without one, of ${formatMicros(DEFAULT_LATENCY_THRESHOLD_MICROS)}`,
    why: 'every latency counts from the due time, so lateness of the driver is part of it',
    remedy: 'offer less, or leave more processor time to the lanes',
  },
  'offered load': {
    measures: 'messages sent, of those due',
    limit: `at least ${share(offeredShareMin)}`,
    why: 'a run that sends less than the scenario says is an easier test',
    remedy: 'offer less, or add lanes if there are cores for them',
  },
  steadiness: {
    measures:
      'how far the trend of the last five intervals moved the median, before the measurement and what the scenario changes in it (curve, events, storms)',
    limit: `${share(TREND_SHARE_MAX)}, or the random variation of so few messages if that is larger`,
    why: 'while the load rises or falls, figures depend on when they are measured',
    remedy: 'settle longer (`phases.settle`), or offer less',
  },
  halves: {
    measures: 'difference between the first and the second half of the measurement, relative to what was intended',
    limit: `${share(halvesShareMax)}, or the random variation if that is larger`,
    why: 'a mean hides a change during the measurement',
    remedy: 'settle or measure longer, with no other programs running',
  },
  backlog: {
    measures: 'growth of the messages that are due and not answered',
    limit: `${share(BACKLOG_SHARE_MAX)} of what was offered, or the random variation if that is larger`,
    why: 'a queue that grows has no steady latency: the longer the run, the worse its figures',
    remedy: 'offer less',
  },
  'load by interval': {
    measures:
      'what was sent in each interval, as a share of what was intended in it, against the median share; in place of backlog and halves where the scenario changes its load (curve, events, storms)',
    limit: `${share(intervalShareMax)}, or the random variation if that is larger`,
    why: 'a load that changes cannot be steady, but it must be the one that was intended at every moment',
    remedy: 'offer less',
  },
  'logins by interval': {
    measures: 'phones that came back in each interval, against what the curve of the day intends; only with a curve',
    limit: `${share(intervalShareMax)}, or the random variation if that is larger`,
    why: 'logins must follow the time of day, as messages do',
    remedy: 'let fewer phones disconnect and return, or offer less',
  },
  "Little's law": {
    measures: 'mean number of unanswered messages, against rate times mean latency',
    limit: `${share(littleShareMax)}, or what the messages at both ends of the measurement explain`,
    why: 'the two are counted independently; if they disagree, one of them is wrong',
    remedy: 'measure longer; if they still disagree, do not quote the latencies, and report it as a bug',
  },
  'HTTP load': {
    measures: 'HTTP requests that were sent, of all that were due; only in runs with `http.load`',
    limit: `at least ${share(HTTP_SENT_SHARE_MIN)}`,
    why: 'a load below its rate is easier to answer; requests that were not sent have no latency',
    remedy: 'offer less (`http.load.rate`), or use more connections (`http.load.connections`)',
  },
  'HTTP answers': {
    measures:
      'HTTP answers 201 that name no message that the switch accepted, and accepted messages that no answer named; in runs with `http.load`',
    limit: '0',
    why: 'the message balance compares switch and phones; only this guard compares the switch with what HTTP clients were told',
    remedy: 'the fault is in the HTTP side of the switch; unknown if answers are missing because connections broke',
  },
  'message balance': {
    measures: 'sent = delivered + queued + rejected, and both sets of messages the same',
    limit: 'no message lost, duplicated, reordered, changed or unanswered',
    why: 'losing messages makes a switch look faster',
    remedy:
      'drain longer (`phases.drain`) if messages were still in flight; otherwise the switch has a fault: `integrity.findings` in the result names messages',
  },
  profiled: {
    measures: 'number of threads that `trunkline profile` profiled; other runs do not have this guard',
    limit: '0',
    why: 'the figures of a profiled run contain the cost of the profiler, so no command compares, gates or keeps them',
    remedy: 'read its profiles; for figures, use `trunkline run`',
  },
};

/** The page of the manual about guards, as Markdown: one heading per guard, to which reports and messages can link. */
export function guardsPage(): string {
  const sections = GUARD_NAMES.flatMap((name) => {
    const { measures, limit, why, remedy } = GUARD_DESCRIPTIONS[name];
    return [
      `## ${name}`,
      '',
      `- **Measures:** ${measures}`,
      `- **Limit:** ${limit}`,
      `- **Why:** ${why}`,
      `- **What to do:** ${remedy}`,
      '',
    ];
  });
  return [
    '# Guards',
    '',
    'Generated by the build from the code that judges. Edit `src/report/run/guards-page.ts`, not this file.',
    '',
    'A guard says whether the figures of a run can be trusted. A run with a guard beyond its limit is **invalid** (exit code 3), which is',
    'not the same as failed (a threshold does not hold, exit code 1): repeat the run, or change what the guard names. Figures of an invalid run',
    'are printed, but they are not evidence. The first guard in this order that trips is usually the cause of the others.',
    '',
    'A guard is *unknown* if the machine does not report what it needs. A *warning* does not make a run invalid.',
    '',
    'Limits on counts allow for random variation (`npm run experiment:chance`). The other limits are chosen: sound runs stay below them,',
    'but no experiment has shown at which value figures begin to be wrong.',
    '',
    'The live view shows guards that are beyond half of their limit in the last interval, or in the run so far, and says at once if the load',
    "did not become steady. It does not show halves, backlog, Little's law, and load and logins by interval: their limits allow for the",
    'random variation of the whole measurement, and a shorter time varies more.',
    '',
    ...sections,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
