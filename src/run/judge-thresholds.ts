/** Compares a result with the thresholds of its scenario. */
import type { Result } from '../result/result-schema.ts';
import { type MetricName, meetsThreshold, type Threshold } from '../scenario/threshold.ts';
import { compressedPercentile } from '../stats/hdr-exchange.ts';
import { SAMPLES_ABOVE_LEAST } from '../stats/histogram.ts';

/** What could not be measured is null, and a threshold on it has not passed. */
export function judgeThresholds(
  thresholds: readonly Threshold[],
  result: Result,
  wanted: number,
): Result['thresholds'] {
  return thresholds.map((threshold) => {
    const figure = figureFor(threshold, result, wanted);
    const { metric, expression } = threshold;
    return { metric, expression, figure, passed: figure !== null && meetsThreshold(threshold, figure) };
  });
}

type Latency = 'login' | 'acknowledgement' | 'delivery' | 'receipt';
type Counter = 'logins' | 'messages' | 'deliveries' | 'frames';

function figureFor(threshold: Threshold, result: Result, wanted: number): number | null {
  const { metric, aggregation } = threshold;
  switch (metric) {
    case 'login':
    case 'acknowledgement':
    case 'delivery':
    case 'receipt':
      return latencyFigure(result.latency[metric], threshold);
    case 'logins':
    case 'messages':
    case 'deliveries':
    case 'frames':
      return counterFigure(metric, aggregation, result);
    default:
      return singleFigure(metric, result, wanted);
  }
}

function latencyFigure(latency: Result['latency'][Latency], threshold: Threshold): number | null {
  switch (threshold.aggregation) {
    case 'avg':
      return latency.meanMicros;
    case 'min':
      return latency.minMicros;
    case 'max':
      return latency.maxMicros;
    default:
      return percentileFigure(latency, threshold.percent);
  }
}

/** Null with too few samples above it: such a percentile says nothing. */
function percentileFigure(latency: Result['latency'][Latency], percent: number): number | null {
  const above = latency.count * (1 - percent / 100);
  if (latency.histogram === null || above < SAMPLES_ABOVE_LEAST) return null;
  return compressedPercentile(latency.histogram, percent);
}

function counterFigure(metric: Counter, aggregation: Threshold['aggregation'], result: Result): number | null {
  const { throughput } = result;
  const rates = {
    logins: throughput.loginsPerSecond,
    messages: throughput.messagesPerSecond,
    deliveries: throughput.deliveriesPerSecond,
    frames: throughput.framesPerSecond,
  };
  const rate = rates[metric];
  if (aggregation === 'rate' || rate === null) return rate;
  if (metric === 'logins') return result.counters.driver['loginsAccepted'] ?? null;
  return throughput.measuredSeconds === null ? null : Math.round(rate * throughput.measuredSeconds);
}

function singleFigure(metric: Exclude<MetricName, Latency | Counter>, result: Result, wanted: number): number | null {
  const { integrity, connections, memory, cpu } = result;
  const isChecked = integrity.isSound !== null;
  switch (metric) {
    case 'held':
      return connections.held;
    case 'failed':
      return Math.max(0, wanted - connections.peak) + connections.failed.lostHeartbeat + connections.failed.lostOther;
    case 'rejected':
      return isChecked ? integrity.rejected : null;
    case 'lost':
      return isChecked ? Math.abs(integrity.lost) : null;
    case 'duplicated':
      return isChecked ? integrity.duplicated : null;
    case 'reordered':
      return isChecked ? integrity.reordered : null;
    case 'switchBytesPerConnection':
      return memory.switch.ledger?.bytesPerConnection ?? null;
    case 'driverBytesPerConnection':
      return memory.driver.ledger?.bytesPerConnection ?? null;
    default:
      return cpu.switchMicrosPerMessage;
  }
}
