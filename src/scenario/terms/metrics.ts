/**
 * The only table of metrics: every name that thresholds, limits, gates, comparisons and histories accept.
 *
 * A name is the path of its figure in a result, such as `memory.switch.bytesPerConnection`. Most metrics have one
 * figure. A latency is a trend and has one figure per aggregation: `latency.delivery p(99)`. `result/read-figure.ts`
 * reads each of them from a result; the compiler checks that it covers all names of this table.
 */

export const METRIC_UNITS = ['bytes', 'micros', 'perSecond', 'count', 'ratio'] as const;

export type MetricUnit = (typeof METRIC_UNITS)[number];

export interface MetricEntry {
  readonly about: string;
  readonly unit: MetricUnit;
  readonly better: 'more' | 'less';
  /** A trend has an average, a minimum, a maximum and percentiles; any other metric has one figure. */
  readonly isTrend: boolean;
  /** A `ratio` is compared by candidate divided by base. An `exact` metric counts errors and is either equal or not. */
  readonly kind: 'ratio' | 'exact';
  /** The smallest relative difference that matters; 0 for exact metrics. */
  readonly smallestDifferenceShare: number;
}

/**
 * Smallest differences that matter. Chosen, not derived: the less a figure varies between identical runs, the smaller.
 * Starting values, until comparisons of a build with itself suggest others.
 */
const SMALLEST_DIFFERENCE_SHARES = {
  bytesPerConnection: 0.02,
  cpuPerMessage: 0.03,
  throughput: 0.05,
  latency: 0.1,
  capacity: 0.05,
} as const;

const measured = (
  unit: MetricUnit,
  better: MetricEntry['better'],
  difference: keyof typeof SMALLEST_DIFFERENCE_SHARES,
  about: string,
): MetricEntry => ({
  about,
  unit,
  better,
  isTrend: false,
  kind: 'ratio',
  smallestDifferenceShare: SMALLEST_DIFFERENCE_SHARES[difference],
});

const slope = (about: string): MetricEntry => measured('bytes', 'less', 'bytesPerConnection', about);
const processor = (about: string): MetricEntry => measured('micros', 'less', 'cpuPerMessage', about);
const rate = (about: string): MetricEntry => measured('perSecond', 'more', 'throughput', about);
const connections = (about: string): MetricEntry => measured('count', 'more', 'capacity', about);
const trend = (about: string): MetricEntry => ({ ...measured('micros', 'less', 'latency', about), isTrend: true });
const fault = (about: string): MetricEntry => ({
  about,
  unit: 'count',
  better: 'less',
  isTrend: false,
  kind: 'exact',
  smallestDifferenceShare: 0,
});

const duration = (about: string): MetricEntry => measured('micros', 'less', 'latency', about);

/** All metrics. Bytes per connection without a further word are by ledger. */
export const METRICS = {
  'memory.switch.bytesPerConnection': slope('switch memory per connection, by ledger'),
  'memory.switch.heap.bytesPerConnection': slope('switch heap per connection'),
  'memory.switch.rss.bytesPerConnection': slope('switch RSS per connection'),
  'memory.driver.bytesPerConnection': slope('driver memory per phone, by ledger'),
  'memory.driver.heap.bytesPerConnection': slope('driver heap per phone'),
  'memory.driver.rss.bytesPerConnection': slope('driver RSS per phone'),
  'memory.kernel.bytesPerConnection': slope('kernel memory per connection'),
  'memory.machine.bytesPerConnection': slope(
    'decrease of free memory of the machine per connection: kernel, switch and driver together',
  ),
  'memory.process.rss.bytesPerConnection': slope('RSS of the process per connection'),
  'memory.process.pageTables.bytesPerConnection': slope('page tables of the process per connection'),
  'cpu.switchMicrosPerMessage': processor(
    'processor time of the switch per message: of its process, or of its shards where both sides are one process',
  ),
  'cpu.driverMicrosPerMessage': processor(
    'processor time of the driver per message: of its process, or of its lanes where both sides are one process',
  ),
  'cpu.switchRuntimeMicrosPerMessage': processor(
    'part of the processor time of the switch outside its shards: garbage collector, compiler, main thread',
  ),
  'cpu.driverRuntimeMicrosPerMessage': processor(
    'part of the processor time of the driver outside its lanes: garbage collector, compiler, main thread',
  ),
  'cpu.sharedRuntimeMicrosPerMessage': processor(
    'processor time per message of neither side: garbage collector, compiler and main thread where both sides are one process',
  ),
  // Both sides run during the same seconds on the same cores, so whatever slows the machine slows both. Over runs of
  // one build the ratio varies a third as much as processor time itself. A change that affects both sides equally is
  // not visible in it.
  'cpu.switchToDriverRatio': measured(
    'ratio',
    'less',
    'cpuPerMessage',
    "processor time of the switch divided by the driver's in the same run; independent of the speed of the machine",
  ),
  'throughput.loginsPerSecond': rate('logins per second in the ramp'),
  'throughput.messagesPerSecond': rate('messages acknowledged per second while measuring'),
  'throughput.deliveriesPerSecond': rate('messages delivered per second while measuring'),
  'throughput.completeMessagesPerSecond': rate(
    'messages per second that were sent, ✓, delivered, confirmed and ✓✓ while measuring',
  ),
  'throughput.measuredLoginsPerSecond': rate('logins accepted per second while measuring: of phones that return'),
  'throughput.storedMessagesPerLogin': measured(
    'ratio',
    'more',
    'throughput',
    'messages that had waited in a mailbox and were delivered while measuring, by the logins meanwhile',
  ),
  'throughput.queuedMessagesPeak': measured(
    'count',
    'less',
    'throughput',
    'most messages in mailboxes at the end of any interval: to phones that are away, and those not confirmed yet',
  ),
  'throughput.unansweredMessagesPeak': measured(
    'count',
    'less',
    'throughput',
    'most messages that were due and not acknowledged at the end of any interval, sent or waiting for room',
  ),
  'throughput.loginsSwing': measured(
    'ratio',
    'more',
    'throughput',
    'logins per second in the tenth of the measurement with most, divided by those in the tenth with fewest; with a curve',
  ),
  'presence.noticesPerSecond': rate('presence notices that phones received per second while measuring'),
  'content.blobBytesStoredPerSecond': rate(
    'bytes of blobs per second that messages acknowledged while measuring refer to, with content.kinds',
  ),
  'content.readReceiptsPerSecond': rate('read receipts that authors received per second while measuring'),
  'content.readReceiptsLost': fault('read receipts that the switch accepted and that neither arrived nor wait'),
  'throughput.framesPerSecond': rate('frames per second in and out of the switch while measuring'),
  'events.deliveriesRise': measured(
    'ratio',
    'more',
    'throughput',
    'deliveries per second at the height of an event, divided by those in the half minute before it; of several the highest',
  ),
  'storms.restored50': duration('time from a storm until 50 % of those it dropped were back; of several the longest'),
  'storms.restored90': duration('the same for 90 %'),
  'storms.restored99': duration('the same for 99 %'),
  'storms.restored999': duration('the same for 99.9 %'),
  'storms.peakLoginsPerSecond': measured(
    'perSecond',
    'less',
    'throughput',
    'most logins in a tenth of a second from a storm to the next one, as a rate; of several the highest',
  ),
  'storms.deferred': measured('count', 'less', 'throughput', 'logins that were told to come back later during storms'),
  'storms.givenUp': fault('phones dropped by a storm that gave up'),
  'faults.back50': duration(
    'time from a fault of the switch until 50 % of its sessions were back; of several the longest',
  ),
  'faults.back99': duration('time from such a fault until 99 % of its sessions were back'),
  'faults.acknowledged': duration('time from a fault of the switch until the first ✓; of several the longest'),
  'durability.commitsPerSecond': measured('perSecond', 'less', 'throughput', 'commits of the store per second'),
  'durability.recordsPerCommit': measured('count', 'more', 'throughput', 'records per commit of the store'),
  'durability.commit99': duration('99th percentile of the time of a commit of the store'),
  'durability.writtenBytesPerMessage': measured(
    'bytes',
    'less',
    'throughput',
    'bytes written to the store per acknowledged message',
  ),
  'network.sentAgainPerThrownAway': measured(
    'ratio',
    'less',
    'throughput',
    'segments that phones and switch sent again per packet that networks threw away, over tun',
  ),
  'network.thrownAway': measured('count', 'less', 'throughput', 'packets that networks of phones threw away, over tun'),
  'network.droppedForRoom': fault(
    'packets that a lane dropped because it had no room for more in transit (network.held), over tun',
  ),
  'platforms.delivery50': duration(
    'median time from the intended time of a message until its delivery to a phone that was online; the longest of all platforms with enough messages',
  ),
  'platforms.delivery99': duration('the same as platforms.delivery50, at 99 % of the messages'),
  'platforms.storedDelivery50': duration(
    'the same as platforms.delivery50, of messages that waited until their recipient logged in',
  ),
  'platforms.storedDelivery99': duration('the same as platforms.storedDelivery50, at 99 % of the messages'),
  'overload.goodputPerSecond': rate(
    'messages per second delivered within traffic.deliverWithin of their due time, in runs with switch.admission.delay or switch.workPerMessage',
  ),
  'groups.messagesPerSecond': rate('messages to groups acknowledged per second while measuring'),
  'groups.deliveriesPerSecond': rate('deliveries of messages to groups per second, to all members together'),
  'latency.login': trend('from the intended time of a login until the phone is logged in'),
  'latency.sendDelay': trend(
    'from the intended time of a message until the driver hands it over; included in the latencies below',
  ),
  'latency.acknowledgement': trend('from the intended time of a message until its ✓'),
  'latency.delivery': trend('from the intended time of a message until its delivery to a phone that was online'),
  'latency.presence': trend('from a change of presence until a phone that watches has the notice'),
  'latency.storedDelivery': trend(
    'from the intended time of a message that waited until its recipient logged in, until its delivery',
  ),
  'latency.groupDelivery': trend(
    'from the intended time of a message to a group until its delivery to a member that was online; a value per member',
  ),
  'latency.http': trend('from the intended time of an HTTP request until its answer, which comes after ✓'),
  'latency.receipt': trend('from the intended time of a message until its ✓✓'),
  'connections.held': connections('phones online when measuring began'),
  'connections.peak': connections('most phones online at once'),
  'connections.failed': fault(
    'connects and logins that failed, connections lost, phones that gave up: all causes that the summary lists',
  ),
  'integrity.lost': fault('messages that were sent and are neither delivered, queued nor rejected'),
  'integrity.duplicated': fault('messages delivered twice'),
  'integrity.reordered': fault('messages delivered after a later one of the same pair'),
  'integrity.corrupted': fault('messages whose payload changed'),
  'integrity.strangers': fault('messages delivered to the wrong phone'),
  'integrity.groups.lost': fault('recipients of messages to groups who neither got them nor were rejected'),
  'integrity.rejected': fault('messages that the switch refused'),
} as const satisfies Readonly<Record<string, MetricEntry>>;

export type MetricName = keyof typeof METRICS;

/** In the order of the table. */
export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[]; // its own keys

export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}
