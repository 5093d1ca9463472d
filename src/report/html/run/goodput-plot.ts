/** Goodput against what was offered, with the line on which all that is offered is delivered in time. */
import { formatShort } from '../../../base/units.ts';
import { type GoodputCurve, goodputSentence } from '../../run/goodput-curve.ts';
import { chartTable } from '../chart-table.ts';
import { type Markup, markup } from '../markup.ts';
import { linearPlotScale } from '../plot-scale.ts';
import { sentenceCase } from '../sentence-list.ts';
import { fixed, PLOT_X, plotY, svgLine, svgPlot } from '../svg-plot.ts';

export function goodputPlot(curve: GoodputCurve): Markup {
  const { points, bestPerSecond } = curve;
  const offeredMax = Math.max(1, ...points.map(({ offeredPerSecond }) => offeredPerSecond));
  const x = linearPlotScale(0, offeredMax, PLOT_X);
  const y = linearPlotScale(0, Math.max(1, bestPerSecond), plotY());
  const places = points.map(
    ({ offeredPerSecond, goodputPerSecond }) => [x.position(offeredPerSecond), y.position(goodputPerSecond)] as const,
  );
  const inTimeMax = Math.min(offeredMax, bestPerSecond);
  const marks = [
    svgLine(
      [
        [x.position(0), y.position(0)],
        [x.position(inTimeMax), y.position(inTimeMax)],
      ],
      'line-6',
    ),
    svgLine(places, 'line-1'),
    ...places.map(
      ([cx, cy], i) =>
        markup`<circle class="dot line-1" cx="${fixed(cx)}" cy="${fixed(cy)}" r="4.5"><title>${points[i]?.step ?? ''}</title></circle>`,
    ),
  ];
  const title = 'Goodput against what was offered';
  const rate = (value: number): string => `${formatShort(value)}/s`;
  const rows = points.map(({ step, offeredPerSecond, goodputPerSecond }) => [
    step,
    rate(offeredPerSecond),
    rate(goodputPerSecond),
  ]);
  return markup`<figure class="chart">
<figcaption><h3>${title}</h3><ul class="legend"><li><span class="swatch line-1"></span>goodput</li><li><span class="swatch line-6"></span>all in time</li></ul></figcaption>
${svgPlot({ label: `${title}: ${goodputSentence(curve)}. The table below has the values.`, x: { scale: x, title: 'messages offered per second', format: rate }, y: { scale: y, format: rate }, marks })}
<p>${sentenceCase(goodputSentence(curve))}.</p>
${chartTable(title, ['step', 'offered', 'goodput'], rows)}
</figure>`;
}
