/** Colours for a terminal; none for a pipe, with NO_COLOR, or on a dumb terminal. */
import { styleText } from 'node:util';
import { type Palette, PLAIN } from '../../report/text/palette.ts';

const COLOURS: Palette = {
  strong: (text) => styleText('bold', text, { validateStream: false }),
  good: (text) => styleText('green', text, { validateStream: false }),
  bad: (text) => styleText('red', text, { validateStream: false }),
  warning: (text) => styleText('yellow', text, { validateStream: false }),
  faint: (text) => styleText('dim', text, { validateStream: false }),
};

/** NO_COLOR counts if it is set to a non-empty value (no-color.org). */
export function terminalPalette(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Palette {
  const isRefused = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return stream.isTTY && !isRefused ? COLOURS : PLAIN;
}
