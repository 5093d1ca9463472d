/**
 * A report as one HTML file that works offline: head with a strict Content-Security-Policy, verdict, sections, and the
 * data of its charts. Script and style are passed in with their digests, since reading and hashing files is not pure.
 *
 * The policy allows nothing but the two, by digest. So a page makes no request, and text that was not escaped could
 * still not run. Elements therefore have no `style` attribute: SVG has attributes of its own, everything else has
 * classes.
 */
import { type Markup, markup, scriptJson } from './markup.ts';
import type { Timeline } from './timeline.ts';

export interface PageAsset {
  readonly text: string;
  /** SHA-256 of the text, in base64. */
  readonly digest: string;
}

/** What every page contains, from the build. */
export interface PageAssets {
  readonly script: PageAsset;
  readonly style: PageAsset;
}

/** What a verdict is like, for its colour and its sign. */
export type PageTone = 'good' | 'bad' | 'warning' | 'neutral';

export interface PageVerdict {
  readonly tone: PageTone;
  readonly sentence: string;
}

/** A section, made by a pure function. */
export interface PageSection {
  /** Unique in the page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly html: Markup;
}

export interface Page {
  /** What is reported, such as `run`. */
  readonly kind: string;
  readonly title: string;
  /** What the figures are of: transport, step, date. */
  readonly about: readonly string[];
  readonly verdict: PageVerdict;
  /** The first screen, below the verdict: the answers. */
  readonly lead: Markup;
  readonly sections: readonly PageSection[];
  readonly timelines: readonly Timeline[];
  /** What "Copy as Markdown" copies. */
  readonly markdown: string;
}

/** What the script of the page reads. */
export interface PageData {
  readonly markdown: string;
  readonly timelines: readonly Timeline[];
}

/** Identifier of the element with {@link PageData} as JSON. */
export const PAGE_DATA_ID = 'page-data';

const SIGNS: Readonly<Record<PageTone, string>> = { good: '✓', bad: '✗', warning: '!', neutral: '·' };

/** The whole file. */
export function pageHtml(page: Page, { script, style }: PageAssets): string {
  const { title, kind, verdict } = page;
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${script.digest}'`,
    `style-src 'sha256-${style.digest}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const data: PageData = { markdown: page.markdown, timelines: page.timelines };
  const { text } = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title} · trunkline ${kind}</title>
<style>`;
  const body = markup`</style>
</head>
<body>
<a class="skip" href="#content">Skip to the report</a>
<header>
<div class="headline"><p class="kind">trunkline ${kind}</p><h1>${title}</h1><p class="about">${page.about.join(' · ')}</p></div>
<div class="actions"><button type="button" id="copy" hidden>Copy as Markdown</button><span id="copied" role="status"></span></div>
</header>
<main id="content" tabindex="-1">
<p class="verdict ${verdict.tone}"><span class="sign" aria-hidden="true">${SIGNS[verdict.tone]}</span> ${verdict.sentence}</p>
${page.lead}
${sectionLinks(page.sections)}
<p class="print-only note">On paper the longer tables of the charts are left out. All their values are in the files that are named under “Repeat and verify”.</p>
${page.sections.map(sectionMarkup)}
</main>
<dialog id="markdown" aria-labelledby="markdown-title">
<h2 id="markdown-title">Markdown</h2>
<p>This browser does not let the page copy. The text is selected: copy it with Ctrl+C or ⌘C.</p>
<textarea readonly rows="12" aria-labelledby="markdown-title"></textarea>
<form method="dialog"><button>Close</button></form>
</dialog>
<script type="application/json" id="${PAGE_DATA_ID}">${scriptJson(data)}</script>
<script>`;
  return `${text}${style.text}${body.text}${script.text}</script>\n</body>\n</html>\n`;
}

function sectionLinks(sections: readonly PageSection[]): Markup {
  const links = sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`);
  return markup`<nav aria-label="Sections"><ul>${links}</ul></nav>`;
}

function sectionMarkup({ id, title, html }: PageSection): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${html}
</section>
`;
}
