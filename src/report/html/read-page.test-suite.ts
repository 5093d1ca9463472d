/** Reads a page as a browser does, but strictly: every element is closed where it belongs, or the reader fails. */
import assert from 'node:assert/strict';

export interface PageElement {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (PageElement | string)[];
}

export interface PageTable {
  readonly caption: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Elements that have no end in HTML. */
const VOID = new Set(['meta', 'br', 'hr', 'img', 'input', 'link', 'wbr']);
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const TOKEN =
  /<!doctype html>|<!--[\s\S]*?-->|<(script|style)\b[^>]*>[\s\S]*?<\/\1>|<\/([\w-]+)>|<([\w-]+)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>|[^<]+/gi;

/** @param html a page, or a piece of one. @returns its root, whose children are the elements of the piece. */
export function readPage(html: string): PageElement {
  const root: PageElement = { tag: '', attributes: new Map(), children: [] };
  const open = [root];
  let at = 0;
  for (const token of html.matchAll(TOKEN)) {
    assert.equal(token.index, at, `this is no HTML: ${html.slice(at, at + 80)}`);
    at += token[0].length;
    const [text, script, ended, begun, attributes = '', isClosed] = token;
    const parent = open.at(-1) ?? root;
    if (script !== undefined || /^<!/.test(text)) continue;
    if (ended !== undefined) {
      assert.equal(ended, parent.tag, `</${ended}> ends <${parent.tag}> at ${html.slice(Math.max(0, at - 120), at)}`);
      open.pop();
    } else if (begun !== undefined) {
      const element: PageElement = { tag: begun, attributes: attributesOf(attributes), children: [] };
      parent.children.push(element);
      if (isClosed !== '/' && !VOID.has(begun)) open.push(element);
    } else parent.children.push(decoded(text));
  }
  assert.equal(at, html.length, `this is no HTML: ${html.slice(at, at + 80)}`);
  assert.deepEqual(
    open.map(({ tag }) => tag),
    [''],
    'every element is closed',
  );
  return root;
}

function attributesOf(text: string): Map<string, string> {
  const all = [...text.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(
    ([, name = '', value = '']) => [name, decoded(value)] as const,
  );
  const attributes = new Map(all);
  assert.equal(attributes.size, all.length, `an attribute stands twice: ${text}`);
  return attributes;
}

function decoded(text: string): string {
  assert.doesNotMatch(text, /&(?!(amp|lt|gt|quot|#39);)/, 'an ampersand is escaped');
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? '');
}

/** The element and everything in it, in the order of the page. */
export function elementsOf(element: PageElement): PageElement[] {
  return [element, ...element.children.flatMap((child) => (typeof child === 'string' ? [] : elementsOf(child)))];
}

/** The text of an element. */
export function textOf(element: PageElement): string {
  return element.children
    .map((child) => (typeof child === 'string' ? child : textOf(child)))
    .join('')
    .replace(/\s+/g, ' ')
    .trim();
}

/** All tables, with the text of their cells. */
export function tablesOf(page: PageElement): PageTable[] {
  const within = (element: PageElement, ...tags: readonly string[]): PageElement[] =>
    elementsOf(element).filter(({ tag }) => tags.includes(tag));
  return within(page, 'table').map((table) => {
    const [head] = within(table, 'thead');
    const [body] = within(table, 'tbody');
    const [caption] = within(table, 'caption');
    assert.ok(head && body && caption, 'a table has a caption, a head and a body');
    return {
      caption: textOf(caption),
      headings: within(head, 'th').map(textOf),
      rows: within(body, 'tr').map((row) => within(row, 'th', 'td').map(textOf)),
    };
  });
}

/** The table with this caption. */
export function tableOf(page: PageElement, caption: string): PageTable {
  const [found, ...others] = tablesOf(page).filter((table) => table.caption === caption);
  assert.ok(found, `there is a table ${caption}`);
  assert.equal(others.length, 0, `there is one table ${caption}`);
  return found;
}

/** Fails for what is wrong on any page. */
export function assertSound(page: PageElement): void {
  const elements = elementsOf(page);
  const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? []);
  assert.deepEqual(ids, [...new Set(ids)], 'every id is there once');
  for (const { tag, attributes } of elements) {
    const target = attributes.get('href');
    if (target?.startsWith('#')) assert.ok(ids.includes(target.slice(1)), `${target} leads somewhere`);
    const names = attributes.get('aria-labelledby');
    if (names !== undefined) assert.ok(ids.includes(names), `${names} is the id of a heading`);
    assert.ok(!attributes.has('style') && !['script', 'img', 'iframe'].includes(tag), `${tag} is not allowed`);
    for (const [name, value] of attributes) {
      assert.ok(!name.startsWith('on'), `${name} is not allowed`);
      assert.doesNotMatch(value, /NaN|undefined|\[object/, `${tag} ${name}`);
    }
  }
  assert.doesNotMatch(textOf(page), /\bNaN\b|\bundefined\b|\[object|\bInfinity\b/);
  for (const { caption, headings, rows } of tablesOf(page)) {
    for (const row of rows) assert.equal(row.length, headings.length, `${caption}: ${row.join(' | ')}`);
  }
}
