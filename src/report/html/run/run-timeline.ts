/** The charts over time of a run, from the series of its result. */
import type { Result, Series } from '../../../result/result-schema.ts';
import type { ChartLine, Timeline, TimelineChart, TimeMark } from '../timeline.ts';

export const RUN_TIMELINE_ID = 'run';

/** All charts for which the result has values; every time is in seconds since the start of the run. */
export function runTimeline(result: Result): Timeline {
  const { series } = result;
  return {
    id: RUN_TIMELINE_ID,
    atSeconds: series.atSeconds,
    marks: marksOf(result),
    charts: chartsOf(series),
    thinning: null,
  };
}

function marksOf({ phases }: Result): TimeMark[] {
  return phases.map(({ name, startSeconds }) => ({ atSeconds: startSeconds, name }));
}

function chartsOf(series: Series): TimelineChart[] {
  return [
    chart('connections', 'Connections held', 'count', [{ name: 'held', values: series.held }]),
    chart('memory', 'Memory', 'bytes', [{ name: 'all processes (RSS)', values: series.rssBytes }]),
    chart('throughput', 'Throughput', 'perSecond', [
      { name: 'messages ✓', values: series.messagesPerSecond },
      { name: 'deliveries', values: series.deliveriesPerSecond },
      { name: 'logins', values: series.loginsPerSecond },
    ]),
    chart(
      'latency',
      'Delivery latency from the due time',
      'micros',
      [{ name: 'p99', values: series.deliveryP99Micros }],
      true,
    ),
  ].filter(({ lines }) => lines.some(({ values }) => values.some((value) => value !== null)));
}

function chart(
  id: string,
  title: string,
  unit: TimelineChart['unit'],
  lines: readonly ChartLine[],
  isLogarithmic = false,
): TimelineChart {
  return { id, title, unit, isLogarithmic, lines, limits: [] };
}
