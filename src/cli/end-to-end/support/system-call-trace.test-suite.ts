/** Reads what strace -f -xx writes to a file: calls of all threads, and which of them had ended when another began. */

export interface SystemCall {
  readonly name: string;
  /** Of the thread. */
  readonly thread: number;
  readonly descriptor: number;
  /** What was written or read. */
  readonly bytes: Buffer;
  readonly result: number;
  /** Lines of the trace on which it began and ended. */
  readonly begins: number;
  readonly ends: number;
}

/**
 * A call during which another thread has a line has two: what a call reads is on the second, what it writes on the
 * first.
 */
const BEGIN = /^(\d+) +(\w+)\((\d+)(?:, "([^"]*)")?/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(?:"([^"]*)")?/;
const RESULT = /\) += (-?\d+)/;
const UNFINISHED = '<unfinished ...>';

/** The calls that have ended, in the order in which they began. */
export function readTrace(text: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const open = new Map<string, Pick<SystemCall, 'descriptor' | 'bytes' | 'begins'>>();
  for (const [line, written] of text.split('\n').entries()) {
    const begun = BEGIN.exec(written);
    const resumed = RESUMED.exec(written);
    const [, thread = '', name = ''] = begun ?? resumed ?? [];
    const key = `${thread} ${name}`;
    const call =
      begun === null ? open.get(key) : { descriptor: Number(begun[3]), bytes: unescaped(begun[4] ?? ''), begins: line };
    if (call === undefined) continue; // a signal, or the end of a thread
    if (written.endsWith(UNFINISHED)) {
      open.set(key, call);
      continue;
    }
    const bytes = resumed?.[3] === undefined ? call.bytes : unescaped(resumed[3]);
    const result = Number(RESULT.exec(written)?.[1] ?? Number.NaN);
    calls.push({ ...call, name, thread: Number(thread), bytes, result, ends: line });
  }
  return calls.sort((a, b) => a.begins - b.begins);
}

/** With -xx every byte is written as \xNN. */
function unescaped(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
