/** Script and style of HTML reports, as the build has bundled them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { assert } from '../../base/assert.ts';
import type { PageAsset, PageAssets } from '../../report/html/page.ts';

const FOLDER = new URL('../../page/', import.meta.url);

/** Reads both and computes their digests, which the page allows. */
export function readPageAssets(): PageAssets {
  return { script: asset('page.js'), style: asset('style.css') };
}

function asset(name: string): PageAsset {
  const text = readFileSync(new URL(name, FOLDER), 'utf8').trim();
  assert(!/<\/(script|style)|<!--/i.test(text), 'the build of a page does not end the element that contains it');
  return { text, digest: createHash('sha256').update(text).digest('base64') };
}
