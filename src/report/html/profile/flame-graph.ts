/**
 * A flame graph as SVG: callers below, what they call above, width by time. It is drawn when the report is written, so
 * it prints and needs no script; what a box stands for is its title.
 */
import type { CallNode } from '../../../analysis/profile/call-trees.ts';
import { AT_REST } from '../../../analysis/profile/call-trees.ts';
import { type FlameBox, flameLayout } from '../../../analysis/profile/flame-layout.ts';
import type { ThreadReport } from '../../../analysis/profile/thread-report.ts';
import { formatCountOf, formatMicros, formatShare } from '../../../base/units.ts';
import { type Markup, markup } from '../markup.ts';
import { fitted } from '../svg/svg.ts';

const WIDTH = 1200;
const BOX_HEIGHT = 18;
const TEXT_BASELINE = 13;
/** Space beside a label, and the least width of one, in pixels: about three characters. */
const LABEL_SPACE = 6;
const LABEL_WIDTH_MIN = 19;
/** Narrowest box as a share of the graph, and deepest call. */
const NARROWEST = 0.003;
const DEPTH_MAX = 48;

/** The parts of the program, by folder; the rest is Node.js and packages. */
const PARTS: readonly (readonly [part: string, files: RegExp])[] = [
  ['switch', /^src\/(switch|store)\/|^hop-/],
  ['driver', /^src\/(driver|protocol)\//],
  ['transport', /^src\/(transport|wire|ring)\//],
  ['run', /^src\//],
];

/** The graph of the time in which a thread was awake. */
export function flameGraph({ thread, processor }: ThreadReport): Markup {
  const layout = flameLayout(processor, { without: AT_REST, narrowest: NARROWEST, depthMax: DEPTH_MAX });
  if (layout.boxes.length === 0) return markup`<p>The thread was not awake in any sample.</p>`;
  const height = layout.depth * BOX_HEIGHT;
  const label = `Flame graph of ${thread}: ${formatMicros(layout.weight)} awake. The table below lists the hottest functions.`;
  const omitted =
    layout.omitted === 0
      ? null
      : markup`<p class="note">${formatCountOf(layout.omitted, 'call is', 'calls are')} not drawn: narrower than ${formatShare(NARROWEST)} of the graph, or deeper than ${DEPTH_MAX} calls.</p>`;
  return markup`<div class="flame" role="region" aria-label="${label}" tabindex="0"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">
${layout.boxes.map((box) => boxMarkup(box, height, layout.weight))}</svg></div>
${omitted}`;
}

function boxMarkup({ node, left, width, depth }: FlameBox, height: number, weight: number): Markup {
  const [x, y, wide] = [left * WIDTH, height - (depth + 1) * BOX_HEIGHT, width * WIDTH];
  const place = node.place === '' ? '' : ` ${node.place}`;
  const title = `${node.name}${place} · ${formatShare(node.total / weight)}, ${formatMicros(node.total)}; itself ${formatMicros(node.self)}`;
  return markup`<g class="${partOf(node)}"><title>${title}</title><rect x="${x.toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${BOX_HEIGHT - 1}"/>${labelMarkup(node.name, x, y, wide)}</g>
`;
}

function labelMarkup(name: string, x: number, y: number, wide: number): Markup | null {
  const room = wide - LABEL_SPACE;
  if (room < LABEL_WIDTH_MIN) return null;
  return markup`<text x="${(x + LABEL_SPACE / 2).toFixed(1)}" y="${y + TEXT_BASELINE}">${fitted(name, room)}</text>`;
}

/** The class of a box. */
function partOf({ kind, place, name }: CallNode): string {
  if (kind === 'collector' || kind === 'program') return kind;
  if (name.startsWith('system call of ')) return 'system';
  return PARTS.find(([, files]) => files.test(place))?.[0] ?? 'node';
}

/** What the colours stand for. */
export const FLAME_LEGEND: readonly (readonly [part: string, words: string])[] = [
  ['switch', 'switch'],
  ['driver', 'driver'],
  ['transport', 'transport, frames, rings'],
  ['run', 'loop of the thread, and the rest of trunkline'],
  ['system', 'system calls'],
  ['node', 'Node.js and packages'],
  ['collector', '(garbage collector)'],
  ['program', '(program): compiler and other code that is not JavaScript'],
];
