/**
 * Texts that people write by hand, as they come out when something went wrong: cut, doubled, swapped, with what does
 * not belong there.
 */
import type { Draws } from './draws.test-suite.ts';

const MUTATIONS_MAX = 4;
const SPAN_MAX = 40;
/** What YAML, JSON and people give a meaning to, and numbers at the ends of what fits. */
const STRANGE = [
  ...['\n', '\t', '\0', '\r\n', ' ', '  ', ':', ': ', '- ', ',', '{', '}', '[', ']', '"', "'", '#', '%', '?', '|', '>'],
  ...['&a ', '*a', '<<: *a', '!!binary ', '!!js/function x', '---\n', '...\n', '__proto__', 'constructor', 'toString'],
  ...['null', '~', 'true', 'NaN', '.inf', '-.inf', '1e999', '-1', '0', '-0', '0x10', '0o17', '1_000', '1e3k', '∞'],
  ...['9007199254740993', '99999999999999999999', '4294967296', '2147483648', '0.1e-400', '1h', '1ms', '1kk', '1GiB'],
  ...[
    'ü',
    '💥',
    '\ud800',
    '\u2028',
    '\ufeff',
    '%',
    '/s',
    '<',
    '<=',
    '==',
    '!=',
    'p(',
    'p(101)',
    'within',
    '::',
    '[::1',
  ],
] as const;
const [FIRST] = STRANGE;

/** One of the samples, with a few mutations; one in fifty is nothing but strange. */
export function mutatedText(samples: readonly [string, ...string[]], draws: Draws): string {
  if (draws.percent(2)) return Array.from({ length: draws.below(20) }, () => strange(draws)).join('');
  let text: string = draws.of(samples);
  for (let left = draws.between(1, MUTATIONS_MAX); left > 0; left--) text = mutate(text, samples, draws);
  return text;
}

function strange(draws: Draws): string {
  return STRANGE[draws.below(STRANGE.length)] ?? FIRST;
}

function mutate(text: string, samples: readonly [string, ...string[]], draws: Draws): string {
  const at = draws.below(text.length + 1);
  const end = Math.min(text.length, at + draws.below(SPAN_MAX));
  const [before, span, after] = [text.slice(0, at), text.slice(at, end), text.slice(end)];
  switch (draws.below(8)) {
    case 0:
      return before + after;
    case 1:
      return before + span + span + after;
    case 2:
      return before + strange(draws) + span + after;
    case 3:
      return before + strange(draws) + after;
    case 4:
      return before; // cut off, as a disk that is full would
    case 5: {
      const other = draws.of(samples);
      return before + other.slice(draws.below(other.length + 1));
    }
    case 6: {
      const lines = text.split('\n');
      const [from, to] = [draws.below(lines.length), draws.below(lines.length)];
      lines.splice(to, 0, ...lines.splice(from, 1));
      return lines.join('\n');
    }
    default:
      return `${before}${String.fromCharCode(draws.below(128))}${after}`;
  }
}
