/** A limit beside its value: the interval of a figure on an axis, with the side on which the rule is broken shaded. */
import { linearScale, type Scale } from '../svg/scale.ts';
import { arrowHead, box, drawing, line, mark } from '../svg/svg.ts';
import { SHAPE_OF_TONE, type Tone } from '../svg/tone.ts';

export interface LimitedFigure {
  readonly figure: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly limit: number;
  /** Which figures break the rule: those above the limit, below it, or any other than it. */
  readonly broken: 'above' | 'below' | 'other';
  /** Whether the limit is a band about 0, as for a change, of which the broken side is one end. */
  readonly isBand: boolean;
  readonly tone: Tone;
}

const HEIGHT = 26;
const MIDDLE = HEIGHT / 2;
const MARGIN = 10;
/** What is farther from the limit than these many times the limit is at the end of the axis, with an arrow. */
const DISTANCE_MAX = 3;

export function limitStrip(limited: LimitedFigure, width: number, label: string): string {
  const { figure, low, high, tone } = limited;
  const x = axisOf(limited, width);
  const marks: string[] = [];
  if (low !== null && high !== null) marks.push(line(x.at(low), MIDDLE, x.at(high), MIDDLE, `interval ${tone}`));
  if (figure !== null) {
    marks.push(
      x.isOutside(figure)
        ? arrowHead(x.at(figure), MIDDLE, figure > x.high ? 1 : -1, tone)
        : mark(SHAPE_OF_TONE[tone], x.at(figure), MIDDLE, 4.5, tone),
    );
  }
  return drawing(
    { width, height: HEIGHT, label },
    line(MARGIN, MIDDLE, width - MARGIN, MIDDLE, 'grid'),
    ...limits(limited, x),
    ...marks,
  );
}

function axisOf({ figure, low, high, limit, isBand }: LimitedFigure, width: number): Scale {
  const known = [figure, low, high].flatMap((value) => (value !== null && Number.isFinite(value) ? [value] : []));
  const size = Math.abs(limit) || 1;
  const ends = isBand ? [-limit, limit] : [0, limit];
  const highest = Math.min(limit + size * DISTANCE_MAX, Math.max(...ends, ...known) + size * 0.25);
  const least = Math.min(...ends, ...known);
  const lowest = Math.max(Math.min(...ends) - size * DISTANCE_MAX, least < 0 ? least - size * 0.25 : least);
  return linearScale(lowest, highest, [MARGIN, width - MARGIN]);
}

/** Each limit as a line, and what is beyond it shaded. */
function limits({ limit, broken, isBand }: LimitedFigure, x: Scale): string[] {
  const lowest = isBand ? -limit : limit;
  const edge = (value: number): string => line(x.at(value), 1, x.at(value), HEIGHT - 1, 'limit');
  const beyond = (from: number, to: number): string => box(from, 4, to, HEIGHT - 4, 'bad beyond');
  return [
    broken === 'below' ? '' : beyond(x.at(limit), x.to),
    broken === 'above' ? '' : beyond(x.from, x.at(lowest)),
    edge(limit),
    isBand ? edge(lowest) : '',
  ];
}
