/** The guards of a run: each with its figure against its limit. They decide whether figures can be trusted. */
import type { Guard, Result } from '../../../result/result-schema.ts';
import { type Markup, markup } from '../markup.ts';
import { bullet } from './bullet.ts';

type Verdict = Guard['verdict'];

const TONES: Readonly<Record<Verdict, 'good' | 'bad' | 'warning'>> = {
  ok: 'good',
  warning: 'warning',
  invalid: 'bad',
  unknown: 'warning',
};
const SIGNS: Readonly<Record<Verdict, string>> = { ok: '✓', warning: '!', invalid: '✗', unknown: '?' };
const CELL = 14;

/** All guards with pictures and sentences. */
export function guardTable({ validity }: Result): Markup {
  if (validity.guards.length === 0) return markup`<p>The run ended before any guard could be judged.</p>`;
  const rows = validity.guards.map(
    ({ name, verdict, figure, limit, sentence }) =>
      markup`<tr><th scope="row">${name}</th><td class="text ${TONES[verdict]}-text"><span aria-hidden="true">${SIGNS[verdict]}</span> ${verdict}</td><td class="picture">${bullet(figure, limit, TONES[verdict])}</td><td class="text">${sentence}</td></tr>
`,
  );
  return markup`<div class="table" role="region" aria-label="Guards" tabindex="0"><table class="guards"><caption>Guards, each with its figure against its limit</caption>
<thead><tr><th scope="col">guard</th><th scope="col" class="text">verdict</th><th scope="col" class="text">against its limit</th><th scope="col" class="text">found</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}

/** One cell per guard, for the first screen. */
export function guardCells({ validity: { guards } }: Result): Markup {
  if (guards.length === 0) return markup``;
  const counts = (['ok', 'warning', 'invalid', 'unknown'] as const).flatMap((verdict) => {
    const count = guards.filter((guard) => guard.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  const cells = guards.map(({ name, verdict, sentence }, i) => {
    const left = i * CELL;
    return markup`<g><title>${name}: ${sentence}</title><rect class="cell ${TONES[verdict]}" x="${left}" y="0" width="${CELL - 2}" height="${CELL}"/>${
      verdict === 'ok'
        ? null
        : markup`<text class="sign" x="${left + CELL / 2 - 1}" y="11" text-anchor="middle">${SIGNS[verdict]}</text>`
    }</g>`;
  });
  return markup`<svg class="cells" viewBox="0 0 ${guards.length * CELL} ${CELL}" width="${guards.length * CELL}" height="${CELL}" role="img" aria-label="Guards: ${counts.join(', ')}">${cells}</svg>`;
}
