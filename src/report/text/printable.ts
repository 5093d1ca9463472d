/** Text that a terminal may be sent. Names come from users, and stored outcomes from anywhere. */

/** Characters that end a line or move to a column: a name that has one could forge a line or a cell. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]/g;
/** Characters that could move the cursor, change colours or reverse the direction of text, and unpaired surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** Most texts: looking at each of their characters would be most of the cost of a frame of the live view. */
const PLAIN_ASCII = /^[ -~]*$/;

/**
 * The text as one line without control characters: a space for each end of a line and tab, a `?` for each of the
 * others.
 */
export function printable(text: string): string {
  if (PLAIN_ASCII.test(text)) return text;
  return text.replace(BREAKS, ' ').replace(UNPRINTABLE, '?');
}

/** A text of several lines, such as the message of an error, each of them {@link printable}. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** An outcome in which every text is {@link printable}. Keys are texts too. */
export function printableOutcome<Value>(outcome: Value): Value {
  return cleaned(outcome) as Value; // strings stay strings, and all else is as it was
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [printable(key), cleaned(inner)]));
}
