/** Sentences of a page, one below the other. */
import { type Markup, type MarkupValue, markup } from './markup.ts';

/** Findings of a section. */
export function sentenceList(sentences: readonly MarkupValue[]): Markup {
  return markup`<ul class="sentences">${items(sentences)}</ul>`;
}

/** Notes on how to read a section, less prominent than its figures. */
export function noteList(notes: readonly MarkupValue[]): Markup {
  return markup`<ul class="sentences faint">${items(notes)}</ul>`;
}

function items(sentences: readonly MarkupValue[]): Markup[] {
  return sentences.map((sentence) => markup`<li>${sentence}</li>`);
}

/** The text with a capital at its start: findings of the summary in text are no sentences. */
export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
