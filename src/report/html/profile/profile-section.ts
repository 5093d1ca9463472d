/** The section of a page about the profiles of a run: for each thread its time, a flame graph, and two tables. */
import type { ThreadReport } from '../../../analysis/profile/thread-report.ts';
import { formatBytes } from '../../../base/units.ts';
import { allocatorRows, hotRows, profileSentences, type RunProfile, timeSentence } from '../../profile/profile-text.ts';
import { printableOutcome } from '../../text/printable.ts';
import { table } from '../chart-table.ts';
import { type Markup, markup } from '../markup.ts';
import type { PageSection } from '../page.ts';
import { FLAME_LEGEND, flameGraph } from './flame-graph.ts';

/** @param missing why the files of the profiles could not be read; null if they were. */
export function profileSection(
  profile: RunProfile,
  threads: readonly ThreadReport[],
  missing: string | null,
): PageSection {
  const legend = FLAME_LEGEND.map(
    ([part, words]) => markup`<li class="${part}"><span aria-hidden="true"></span>${words}</li>`,
  );
  return {
    id: 'profiles',
    title: 'Profiles',
    html: markup`${profileSentences(profile).map((sentence) => markup`<p>${sentence}</p>`)}
${missing === null ? null : markup`<p class="note">${missing}</p>`}
<p class="note">Flame graphs show the time in which a thread was awake: callers are below, and a box is as wide as its time with all that it called. The files beside the result, such as shard-0.cpuprofile, open in DevTools and speedscope.</p>
<ul class="flame-legend">${legend}</ul>
${printableOutcome(threads).map(threadMarkup)}`,
  };
}

function threadMarkup(thread: ThreadReport): Markup {
  const name = thread.thread;
  return markup`<h3>${name}</h3>
<p>${timeSentence(thread)}.</p>
${flameGraph(thread)}
${functionTable(`Hottest functions of ${name}`, 'no function was seen at work', hotRows(thread))}
${functionTable(`Largest allocators of ${name}, of ${formatBytes(thread.allocatedBytes)}`, 'no allocation was sampled', allocatorRows(thread))}
`;
}

/** @param rows heading and rows; the first two columns are name and place. */
function functionTable(caption: string, none: string, [head = [], ...rows]: readonly (readonly string[])[]): Markup {
  if (rows.length === 0) return markup`<p class="note">${caption}: ${none}.</p>`;
  const [, , ...figures] = head;
  const cells = rows.map(([name = '', place = '', ...values]) => [markup`${name} <code>${place}</code>`, ...values]);
  return markup`<h4>${caption}</h4>
${table(caption, ['function', ...figures], cells)}`;
}
