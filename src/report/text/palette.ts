/**
 * The colours of a report. They are passed in, since only the code that prints knows whether the output is a terminal.
 */

export interface Palette {
  strong(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warning(text: string): string;
  faint(text: string): string;
}

const same = (text: string): string => text;

/** No colours: for pipes, files and NO_COLOR. */
export const PLAIN: Palette = { strong: same, good: same, bad: same, warning: same, faint: same };
