/** Text that a terminal may be sent. Names come from users, and stored outcomes from anywhere. */

/** Characters that could move the cursor, change colours or reverse the direction of text, and unpaired surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** Most texts: looking at each of their characters would be most of the cost of a frame of the live view. */
const PLAIN_ASCII = /^[ -~]*$/;

/** The text as one line without control characters. */
export function printable(text: string): string {
  if (PLAIN_ASCII.test(text)) return text;
  return text.replace(UNPRINTABLE, '?');
}

/** An outcome in which every text is {@link printable}, but for the ends of its lines. Keys are texts too. */
export function printableOutcome<Value>(outcome: Value): Value {
  return cleaned(outcome) as Value; // strings stay strings, and all else is as it was
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return value.split('\n').map(printable).join('\n');
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [printable(key), cleaned(inner)]));
}
