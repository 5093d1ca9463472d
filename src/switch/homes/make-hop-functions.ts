/**
 * The functions that write and read hops, made from the table of hops.
 *
 * They are made as source: one function per writer, and one `switch` for the reader, as one would write by hand. V8
 * then compiles each separately. With closures that the rows share, all words go through generic calls: a fifth slower,
 * measured. The source contains only names and numbers from the table, and a name for profiles.
 */
import type { ByteSpan } from '../../base/byte-span.ts';
import { fixedBytes, HOP_NAMES, HOPS, type HopTarget, type HopWriters, WORD_BYTES } from './hop-table.ts';

/** Claims room for a hop. Returns the index of its first word, or -1 if the inbox is full. */
export type Begin = (to: number, kind: number, bytes: number, reserveBytes: number) => number;

/** Makes the functions that write hops. `words` is the memory of all inboxes; see {@link Begin} for `begin`. */
export const makeHopWriters = new Function('begin', 'end', 'words', 'reserveBytes', writerSource()) as (
  begin: Begin,
  end: (to: number) => void,
  words: Int32Array,
  reserveBytes: number,
) => HopWriters;

/**
 * Makes the function that calls the target for a record: its kind, the index of its first word, and the bytes of its
 * payload. `payload` is filled anew for each hop that has one, and passed on.
 */
export const makeHopCalls = new Function('target', 'words', 'payload', callSource()) as (
  target: HopTarget,
  words: Int32Array,
  payload: ByteSpan,
) => (kind: number, word: number, payloadBytes: number) => boolean;

/**
 * An object with a function for each row: `(to, w0, w1) => { … }`, with a payload
 * `(to, payloadBytes, w0, w1) => { … }`.
 */
function writerSource(): string {
  const writers = HOP_NAMES.map((name, kind) => {
    const row = HOPS[name];
    const words = Array.from({ length: row.words }, (_, n) => `w${n}`);
    const stores = words.map((word, n) => `words[at + ${n}] = ${word};`).join(' ');
    const reserve = row.isAnswer ? 0 : 'reserveBytes';
    return row.hasPayload
      ? `${name}(to, payloadBytes, ${words}) {
           const at = begin(to, ${kind}, ${fixedBytes(name)} + payloadBytes, ${reserve});
           if (at < 0) return -1;
           ${stores}
           return (at + ${row.words}) * ${WORD_BYTES};
         }`
      : `${name}(to, ${words}) {
           const at = begin(to, ${kind}, ${fixedBytes(name)}, ${reserve});
           if (at < 0) return false;
           ${stores}
           end(to);
           return true;
         }`;
  });
  return `return { ${writers.join(', ')} };\n//# sourceURL=hop-writers`;
}

/** A function that calls the target's function of a kind with the words from an index on, and where the payload is. */
function callSource(): string {
  const cases = HOP_NAMES.map((name, kind) => {
    const { words, hasPayload } = HOPS[name];
    const fields = Array.from({ length: words }, (_, n) => `words[at + ${n}]`);
    if (!hasPayload) return `case ${kind}: return target.${name}(${fields}) !== false;`;
    return `case ${kind}:
      payload.at = (at + ${words}) * ${WORD_BYTES};
      payload.bytes = payloadBytes;
      return target.${name}(${fields}, payload) !== false;`;
  });
  return `return function callTarget(kind, at, payloadBytes) { switch (kind) { ${cases.join(' ')} } };\n//# sourceURL=hop-calls`;
}
