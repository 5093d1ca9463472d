import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { markup } from './markup.ts';
import { PAGE_DATA_ID, type Page, pageHtml } from './page.ts';

const HOSTILE = `</title></script><script>alert(1)</script><!--"'&`;
const ASSETS = { script: { text: 'run()', digest: 'c2NyaXB0' }, style: { text: 'p{}', digest: 'c3R5bGU=' } };

function page(text: string): Page {
  return {
    kind: 'run',
    title: text,
    about: [text],
    verdict: { tone: 'bad', sentence: text },
    lead: markup`<p>${text}</p>`,
    sections: [{ id: 'one', title: text, html: markup`${text}` }],
    timelines: [],
    markdown: text,
  };
}

describe('a page', () => {
  const html = pageHtml(page(HOSTILE), ASSETS);

  it('allows only its own script and style, by digest', () => {
    assert.match(
      html,
      /<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;sha256-c2NyaXB0&#39;; style-src &#39;sha256-c3R5bGU=&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;">/,
    );
    assert.doesNotMatch(html, / style=|unsafe-inline|https?:/);
  });

  it('has no element that a name has made', () => {
    assert.equal(html.match(/<script/g)?.length, 2, 'the data and the script of the build');
    assert.equal(html.match(/<\/title>/g)?.length, 1);
    assert.doesNotMatch(html, /<!--/);
  });

  it('holds the Markdown and the data of its charts as they are', () => {
    const [, json = ''] = new RegExp(`id="${PAGE_DATA_ID}">(.*?)</script>`).exec(html) ?? [];
    assert.deepEqual(JSON.parse(json), { markdown: HOSTILE, timelines: [] });
  });

  it('says the verdict first, and links to its sections', () => {
    assert.ok(html.indexOf('class="verdict bad"') < html.indexOf('href="#one"'));
    assert.match(html, /<section id="one" aria-labelledby="one-title">/);
  });
});
