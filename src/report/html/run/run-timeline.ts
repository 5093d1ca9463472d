/**
 * The charts over time of a run, from the series of its result. A column that the result has not, since it is older or
 * the run could not measure it, has no chart.
 */
import type { Result } from '../../../result/result-schema.ts';
import { EVENT_NAMES, type IntervalSeries } from '../../../result/series-schema.ts';
import { parseThreshold } from '../../../scenario/threshold.ts';
import { quantile } from '../../../stats/quantiles.ts';
import { MACHINE_GUARD_LIMITS } from '../../../verdict/guards/machine-guards.ts';
import type { ChartLimit, ChartLine, Timeline, TimelineChart, TimeMark } from '../timeline.ts';
import { limitOf } from './threshold-list.ts';

type Role = IntervalSeries['threads'][number]['role'];

const RUN_TIMELINE_ID = 'run';
/** Lines that can be told apart; of more threads the busiest, the median and the least busy are shown. */
const THREADS_SHOWN_MAX = 6;
const SIDES: readonly (readonly [role: Role, title: string])[] = [
  ['shard', 'Busy share, shards of the switch'],
  ['lane', 'Busy share, lanes of the driver'],
];
/** Events that get a line, beside phases. Levels of connections do not: there are many. */
const MARKED: ReadonlySet<string> = new Set(EVENT_NAMES.filter((name) => name !== 'phase' && name !== 'level'));

/** All charts for which the result has values; every time is in seconds since the start of the run. */
export function runTimeline(result: Result): Timeline {
  const { series } = result;
  const count = series.atSeconds.length;
  const charts = chartsOf(result)
    .map((chart) => ({ ...chart, lines: chart.lines.filter(({ values }) => hasValues(values, count)) }))
    .filter(({ lines }) => lines.length > 0);
  return { id: RUN_TIMELINE_ID, atSeconds: series.atSeconds, marks: marksOf(result), charts, thinning: null };
}

/** Older results have empty columns. */
function hasValues(values: readonly (number | null)[], count: number): boolean {
  return count > 0 && values.length === count && values.some((value) => value !== null);
}

/**
 * Phases, and events that say why the load or the run changed. Older results have no events: there a phase begins with
 * the first interval in it.
 */
export function marksOf({ series }: Result): TimeMark[] {
  const { events, phase, atSeconds } = series;
  if (events.length > 0) {
    return events.flatMap(({ name, detail, atSeconds: at }) => {
      if (name === 'phase' || name === 'event') return [{ atSeconds: at, name: detail }]; // a scenario names its events
      return MARKED.has(name) ? [{ atSeconds: at, name }] : [];
    });
  }
  return phase.flatMap((name, i) => (name === phase[i - 1] ? [] : [{ atSeconds: atSeconds[i - 1] ?? 0, name }]));
}

function chartsOf(result: Result): TimelineChart[] {
  const { series } = result;
  const line = (name: string, values: ChartLine['values']): ChartLine => ({ name, values });
  return [
    chart('connections', 'Connections held', 'count', [line('held', series.held)]),
    chart('memory', 'Memory', 'bytes', [
      line('all processes, RSS', series.rssBytes),
      line('kernel sockets', series.kernelSocketBytes),
      line('switch, RSS', series.switchRssBytes),
      line('driver, RSS', series.driverRssBytes),
      line('switch, tables', series.switchLedgerBytes),
      line('driver, tables', series.driverLedgerBytes),
    ]),
    chart('messages', 'Messages', 'perSecond', [
      line('acknowledged ✓', series.messagesPerSecond),
      line('delivered', series.deliveriesPerSecond),
    ]),
    chart('logins', 'Logins', 'perSecond', [line('logins', series.loginsPerSecond)]),
    {
      ...chart('latency', 'Delivery from the due time', 'micros', [
        line('p50', series.deliveryP50Micros),
        line('p99', series.deliveryP99Micros),
      ]),
      isLogarithmic: true,
      limits: latencyLimits(result),
    },
    chart('backlog', 'Backlog: messages due and not yet sent', 'count', [line('backlog', series.backlogMessages)]),
    ...SIDES.map(([role, title]) => busyChart(series, role, title)),
    pauses(series),
    {
      ...chart('steal', 'Processor time taken by other virtual machines', 'share', [line('stolen', series.stealShare)]),
      limits: [{ name: 'limit', value: MACHINE_GUARD_LIMITS.stealShareMax }],
    },
  ];
}

function chart(id: string, title: string, unit: TimelineChart['unit'], lines: readonly ChartLine[]): TimelineChart {
  return { id, title, unit, isLogarithmic: false, lines, limits: [] };
}

/** Thresholds on the p99 of deliveries. */
function latencyLimits({ thresholds }: Result): ChartLimit[] {
  return thresholds.flatMap((threshold) => {
    const limit = threshold.metric === 'latency.delivery' ? limitOf(threshold) : null;
    if (limit === null || parseThreshold(threshold.metric, threshold.expression).percent !== 99) return [];
    return [{ name: 'threshold for p99 of the run', value: limit }];
  });
}

function busyChart({ threads, atSeconds }: IntervalSeries, role: Role, title: string): TimelineChart {
  const shown = threads.filter((thread) => thread.role === role);
  if (shown.length <= THREADS_SHOWN_MAX) {
    const lines = shown.map(({ name, busyShare }) => ({ name, values: busyShare }));
    return chart(`busy-${role}`, title, 'share', lines);
  }
  const at = (share: number): (number | null)[] =>
    atSeconds.map((_, i) => {
      const known = shown.flatMap(({ busyShare }) => busyShare[i] ?? []).sort((a, b) => a - b);
      return known.length === 0 ? null : quantile(known, share);
    });
  return chart(`busy-${role}`, `${title} (${shown.length})`, 'share', [
    { name: 'busiest', values: at(1) },
    { name: 'median', values: at(0.5) },
    { name: 'least busy', values: at(0) },
  ]);
}

/** How long garbage collections stopped the threads of each side, all threads together. */
function pauses({ threads, atSeconds }: IntervalSeries): TimelineChart {
  const lines = (['shard', 'lane'] as const).flatMap((role) => {
    const shown = threads.filter((thread) => thread.role === role);
    if (shown.length === 0) return [];
    const values = atSeconds.map((_, i) => shown.reduce((sum, { pauseMicros }) => sum + (pauseMicros[i] ?? 0), 0));
    return [{ name: role === 'shard' ? 'shards' : 'lanes', values }];
  });
  return chart('pauses', 'Garbage collection, pauses per interval', 'micros', lines);
}
