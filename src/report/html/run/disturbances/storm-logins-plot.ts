/** Logins per second from a storm on, with the instants at which half and 99 % of the dropped phones were back. */
import { formatShort } from '../../../../base/units.ts';
import type { StormResult } from '../../../../result/sections/storms-schema.ts';
import { chartTable } from '../../chart-table.ts';
import { type Markup, markup } from '../../markup.ts';
import { linearPlotScale } from '../../plot-scale.ts';
import { fixed, PLOT_X, plotY, svgLine, svgPlot } from '../../svg-plot.ts';

/** Nothing for a storm after which nobody logged in. */
export function stormLoginsPlot({ what, logins, binSeconds, ...storm }: StormResult): Markup | null {
  if (logins.length === 0) return null;
  const title = `Logins per second after the storm (${what})`;
  const rates = logins.map((count) => count / binSeconds);
  const most = Math.max(...rates);
  const x = linearPlotScale(0, logins.length * binSeconds, PLOT_X);
  const y = linearPlotScale(0, Math.max(1, most), plotY());
  // A rate is that of its whole bin, so the line has steps.
  const steps = rates.flatMap((rate, n) =>
    [n, n + 1].map((bin) => [x.position(bin * binSeconds), y.position(rate)] as const),
  );
  const restored = [
    ['50 %', storm.restored50Seconds],
    ['99 %', storm.restored99Seconds],
  ] as const;
  const end = logins.length * binSeconds;
  // The logins end when the next storm begins; phones of this one may be back only then.
  const later = restored.filter(([, seconds]) => seconds !== null && seconds > end).map(([share]) => share);
  const marks = restored.flatMap(([share, seconds]) => {
    if (seconds === null || seconds > end) return [];
    const at = fixed(x.position(seconds));
    const { from, to } = plotY();
    return markup`<line class="stem" x1="${at}" x2="${at}" y1="${from}" y2="${to}"><title>${share} are back</title></line>`;
  });
  const rate = (value: number): string => `${formatShort(value)}/s`;
  const words = restored.map(([share, seconds]) =>
    seconds === null ? `${share} not back in this run` : `${share} back after ${seconds.toFixed(2)} s`,
  );
  return markup`<figure class="chart">
<figcaption><h3>${title}</h3></figcaption>
${svgPlot({
  label: `${title}: at most ${rate(most)}; ${words.join(', ')}. The table below has the values.`,
  x: {
    scale: x,
    title:
      later.length === 0
        ? 'seconds after the storm; the lines say when 50 % and 99 % were back'
        : `seconds after the storm, until the next; ${later.join(' and ')} were back later`,
    format: String,
  },
  y: { scale: y, format: rate },
  marks: [svgLine(steps, 'line-1'), ...marks],
})}
${chartTable(
  title,
  ['after', 'logins/s'],
  rates.map((one, n) => [`${(n * binSeconds).toFixed(1)} s`, formatShort(one)]),
)}
</figure>`;
}
