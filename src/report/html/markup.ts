/**
 * HTML that is safe to insert into a page. The tag `markup` escapes every value except other markup, so a name written
 * by a user can be forgotten nowhere: what is not escaped does not have the type {@link Markup}.
 */

import { escapeXml } from '../text/escape-xml.ts';

/** A piece of a page, in which every text is escaped. Only {@link markup} and its companions make one. */
export class Markup {
  readonly text: string;

  /** @param text HTML written in this code base; for anything else use {@link markup}. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in `${}`: text and numbers are escaped, lists are joined, null adds nothing. */
export type MarkupValue = string | number | Markup | null | readonly MarkupValue[];

/** Escapes text for content and for quoted attribute values. */
function escapeHtml(text: string): string {
  return escapeXml(text).replaceAll("'", '&#39;');
}

/** `markup\`<b>${name}</b>\``: HTML with escaped values. Attribute values must be quoted. */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return new Markup(parts.map((part, i) => `${i === 0 ? '' : written(values[i - 1] ?? null)}${part}`).join(''));
}

/** Pieces with something between them. */
export function joined(pieces: readonly Markup[], between = ''): Markup {
  return new Markup(pieces.map(({ text }) => text).join(escapeHtml(between)));
}

function written(value: MarkupValue): string {
  if (value === null) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map(written).join('');
}

/** JSON for an inert script element: it can neither end the element nor open a comment in it. */
export function scriptJson(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll('<', '\\u003c'));
}
