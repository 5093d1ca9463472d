// Formats of figures, and figures that several tables have. Each receives stored results as check-figures.mjs reads them.
export const MICROS_PER_MILLI = 1000;
export const KILO = 1000;
/** Significant digits of a figure; more would be noise. */
export const DIGITS = 3;

export const rounded = (value) => Number(value.toPrecision(DIGITS));
export const count = (value) => value.toLocaleString('en-US');
export const about = (value) => count(rounded(value));
export const bytes = (value) => `${count(Math.round(value))} B`;
export const gigabytes = (value) => `${rounded(value / KILO ** 3)} GB`;
export const micros = (value) => `${value.toPrecision(DIGITS)} µs`;
export const millis = (value) => `${(value / MICROS_PER_MILLI).toPrecision(value < MICROS_PER_MILLI ? 2 : DIGITS)} ms`;
export const percent = (share, digits = 1) => `${(share * 100).toFixed(digits)} %`;
export const change = (share, digits = 0) => `${share < 0 ? '−' : '+'}${percent(Math.abs(share), digits)}`;
export const times = (ratio) => `${ratio.toFixed(1)} times`;
export const minutes = (value) => `${value.toFixed(1)} min`;
export const list = (values) => values.join('; ');

/** A slope of memory: its figure, or the upper end of the interval. */
export const slope = ({ bytesPerConnection, highBytesPerConnection }) =>
  bytesPerConnection === null ? `not measurable, at most ${bytes(highBytesPerConnection)}` : bytes(bytesPerConnection);
export const kernelEnd = ({ memory, sockets }) => memory.kernel.bytesPerConnection / sockets.endsHere;
export const secondsOf = ({ phases }) => phases.at(-1).startSeconds + phases.at(-1).durationSeconds;
export const unsound = ({ integrity: { lost, groups, duplicated, reordered } }) =>
  lost + (groups?.lost ?? 0) + duplicated + reordered;
/** Messages that were sent, and how many were lost, duplicated or reordered. */
export const sentAndUnsound = (run) => list([count(run.integrity.sent), count(unsound(run))]);
/** Of the first storm: time until 99 % are back, and the peak of logins per second. */
export const restoredAndPeak = ({ storms: [storm] }) =>
  list([`${storm.restored99Seconds.toFixed(1)} s`, about(storm.peakLoginsPerSecond)]);
/** Of the first storm of each run: time until 99 % are back. */
export const restored99 = (...runs) =>
  list(runs.map(({ storms: [storm] }) => `${storm.restored99Seconds.toFixed(1)} s`));
/** How many messages each run lost, duplicated or reordered. */
export const unsoundOfEach = (...runs) => list(runs.map((run) => count(unsound(run))));
/** Logins, messages in, messages out and presence notices per second. */
export const serverRates = ({ throughput, presence }) =>
  [
    throughput.measuredLoginsPerSecond,
    throughput.messagesPerSecond,
    throughput.deliveriesPerSecond,
    presence.noticesPerSecond,
  ].map(about);
export const validity = ({ validity: { isValid } }) => (isValid ? 'valid' : 'invalid');
/** Memory in use of the machine at the highest level of connections, from the fit. */
export const machineBytes = ({ connections, memory: { machine } }) =>
  machine.baseBytes + machine.bytesPerConnection * connections.held;
/** The larger figure first, so that a ratio is above 1. */
export const ratio = (figure, one, other) => figure(one) / figure(other);
export const switchMicros = ({ cpu }) => cpu.switchMicrosPerMessage;
export const completeRate = ({ throughput }) => throughput.completeMessagesPerSecond;
/** The trial at the largest load that a search for a capacity found good. */
export const trialAtBound = ({ bounds, trials }) =>
  trials.find(({ load, isGood, isValid }) => isGood && isValid && load === bounds.lowerLoad);
export const seconds = (value) => `${value.toFixed(2)} s`;
export const groupDelivery = ({ latency }) =>
  list([latency.groupDelivery.p50Micros, latency.groupDelivery.p99Micros].map(millis));
export const groupMessages = (run) => list([count(run.groups.messages), count(unsound(run))]);
export const delivery = ({ latency }) => latency.delivery.p99Micros;

/** The machines that results come from, without repetitions. */
export function machines(...results) {
  const names = results.map(({ environment: { cpuModel, cores, memoryBytes, kernel, node } }) => {
    const [major, minor] = kernel.split('.');
    return `${cpuModel}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB, Linux ${major}.${minor}, Node ${node.slice(1)}`;
  });
  return [...new Set(names)].join('; ');
}

/** Older results have no runtime of a side: only the time of its threads was counted. */
export function countedTime(...results) {
  const kinds = results.map(({ cpu }) =>
    typeof cpu.switchRuntimeMicrosPerMessage === 'number' ? 'all of its process' : 'its shards alone',
  );
  return [...new Set(kinds)].join('; ');
}

/** Names of stored results in several tables. */
export const MILLION = 'idle-ladder-1M';
export const LARGEST = 'idle-ladder-2.5M';
export const FIVE_MILLION = 'five-million-5.2M';
export const MILLION_TUN = 'five-million-1M';
export const TUN_SATURATED = 'tun-saturated';
/** The largest valid runs over real connections. */
export const HELD = [LARGEST, FIVE_MILLION];
export const SATURATED = ['tcp-saturated', 'tcp-descriptors-saturated', 'ws-saturated'];
