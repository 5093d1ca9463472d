/**
 * A terminal as a live view meets it: it wraps, scrolls and erases, and lays out its lines anew when its size changes.
 * It knows the control sequences that the view writes, and throws at others. Each character takes one cell.
 */
import { EventEmitter } from 'node:events';

interface Row {
  text: string;
  /** Whether the row continues the one above, which was too long for the terminal. */
  continues: boolean;
}

const ESCAPE = '\u001b';
const SEQUENCE = new RegExp(`${ESCAPE}\\[(\\??)([\\d;]*)([A-Za-z])`, 'y');

export class EmulatedTerminal extends EventEmitter {
  readonly isTTY = true;
  /** As a program knows it: it is told later. */
  columns: number;
  rows: number;
  #size: { columns: number; rows: number };
  /** The rows that have scrolled away, and those of the screen. */
  #all: Row[] = [{ text: '', continues: false }];
  /** The first row of the screen. */
  #top = 0;
  #row = 0;
  #column = 0;
  #isWrapping = true;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.#size = { columns, rows };
  }

  /** Lines of text, without blank ones at the end; lines that the terminal has wrapped are one. */
  get lines(): string[] {
    const lines = this.#logicalLines().map((text) => text.trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** The row of the cursor on the screen. */
  get cursorRow(): number {
    return this.#row - this.#top;
  }

  write(text: string): boolean {
    for (let at = 0; at < text.length; ) {
      SEQUENCE.lastIndex = at;
      const match = SEQUENCE.exec(text);
      if (match === null) {
        this.#put(text[at] ?? '');
        at += 1;
      } else {
        const [whole, mode, parameter = '', final = ''] = match;
        if (mode === '?') this.#setMode(parameter, final);
        else this.#control(final, parameter);
        at += whole.length;
      }
    }
    return true;
  }

  cork(): void {
    // what is written is seen at once
  }

  uncork(): void {
    // see above
  }

  /** Changes the size, of which the program knows nothing until it is told. */
  resize(columns: number, rows: number): void {
    this.#at(this.#row);
    const before = this.#logicalLines();
    const line = this.#all.slice(0, this.#row + 1).filter(({ continues }) => !continues).length - 1;
    let offset = this.#column;
    for (let row = this.#row; this.#all[row]?.continues; row -= 1) offset += this.#size.columns;
    while (before.length > line + 1 && before.at(-1)?.trimEnd() === '') before.pop();
    this.#all = [];
    for (const [n, text] of before.entries()) {
      if (n === line) this.#row = this.#all.length + Math.floor(offset / columns);
      const used = n === line ? text.trimEnd().padEnd(offset) : text.trimEnd();
      const count = Math.max(1, Math.ceil(used.length / columns), n === line ? Math.floor(offset / columns) + 1 : 1);
      for (let row = 0; row < count; row += 1)
        this.#all.push({ text: used.slice(row * columns, (row + 1) * columns), continues: row > 0 });
    }
    this.#column = offset % columns;
    this.#size = { columns, rows };
    this.#top = Math.min(this.#row, Math.max(0, this.#all.length - rows));
    this.#all.length = Math.min(this.#all.length, this.#top + rows);
  }

  /** Tells the program the size. */
  tell(): void {
    this.columns = this.#size.columns;
    this.rows = this.#size.rows;
    this.emit('resize');
  }

  #logicalLines(): string[] {
    const lines: string[] = [];
    for (const { text, continues } of this.#all) {
      if (continues) lines[lines.length - 1] = (lines.at(-1) ?? '').padEnd(this.#size.columns) + text;
      else lines.push(text);
    }
    return lines;
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#feed(false);
    else if (character < ' ') throw new Error(`the emulated terminal does not know ${JSON.stringify(character)}`);
    else {
      if (this.#column >= this.#size.columns) {
        if (this.#isWrapping) this.#feed(true);
        else this.#column = this.#size.columns - 1;
      }
      const row = this.#at(this.#row);
      row.text = `${row.text.slice(0, this.#column).padEnd(this.#column)}${character}${row.text.slice(this.#column + 1)}`;
      this.#column += 1;
    }
  }

  /** To the start of the next row, as the line of a terminal makes of a line feed. */
  #feed(continues: boolean): void {
    this.#row += 1;
    this.#column = 0;
    this.#top = Math.max(this.#top, this.#row - this.#size.rows + 1);
    this.#at(this.#row).continues ||= continues;
  }

  #at(row: number): Row {
    while (this.#all.length <= row) this.#all.push({ text: '', continues: false });
    const found = this.#all[row];
    if (found === undefined) throw new Error(`no row ${row}`);
    return found;
  }

  #setMode(mode: string, final: string): void {
    if (mode === '7') this.#isWrapping = final === 'h';
    else if (mode !== '2026') throw new Error(`the emulated terminal does not know mode ${mode}`);
  }

  #control(final: string, parameter: string): void {
    const count = Number(parameter || '1');
    const { columns, rows } = this.#size;
    if (final === 'A') this.#row = Math.max(this.#top, this.#row - count);
    else if (final === 'B') this.#row = Math.min(this.#top + rows - 1, this.#row + count);
    else if (final === 'C') this.#column = Math.min(columns - 1, this.#column + count);
    else if (final === 'G') this.#column = Math.min(columns, count) - 1;
    else if (final === 'J' && parameter === '') this.#eraseBelow();
    else if (final === 'K' && parameter === '') this.#eraseFrom(Math.min(this.#column, columns - 1));
    else if (final === 'K' && parameter === '2') this.#eraseFrom(0);
    else if (final !== 'm') throw new Error(`the emulated terminal does not know ${parameter}${final}`);
  }

  #eraseFrom(column: number): void {
    const row = this.#at(this.#row);
    row.text = row.text.slice(0, column);
  }

  #eraseBelow(): void {
    this.#eraseFrom(Math.min(this.#column, this.#size.columns - 1));
    this.#all.length = this.#row + 1;
  }
}
