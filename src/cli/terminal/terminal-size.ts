/** The size of a terminal in cells. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}
