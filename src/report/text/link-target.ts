/** A path relative to a report as the target of a link, in HTML and in Markdown. */

/** Half a character, which has no code in a URL. */
const SURROGATES = /\p{Cs}/gu;
/** Characters of no meaning in a path that would end a link in Markdown. */
const ENDS_OF_LINKS = /[()'*!]/g;

/** All characters but letters, digits and `-_.~/` are encoded, so the target can be nothing but a relative path. */
export function linkTarget(path: string): string {
  return path
    .replace(SURROGATES, '\ufffd')
    .split('/')
    .map(encodeURIComponent)
    .join('/')
    .replace(ENDS_OF_LINKS, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
