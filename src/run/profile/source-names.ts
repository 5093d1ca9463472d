/**
 * Gives the functions of a profile the files and lines of the source. Threads run what the build made of it, some of
 * them a bundle; the maps between the two are read only here, after the run, so no thread has them on its heap.
 */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { systemCallNames } from '../../transport/tcp/system/system-calls.ts';

interface CallFrame {
  functionName: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}

interface ProcessorNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
  positionTicks?: unknown;
}

interface AllocationNode {
  readonly callFrame: CallFrame;
  readonly children: readonly AllocationNode[];
}

/** The part of both kinds of profile that is changed here. */
export interface NamedProfile {
  readonly nodes?: readonly ProcessorNode[];
  readonly head?: AllocationNode;
}

const ROOT = new URL('../../../', import.meta.url).href;
const MODULES = '/node_modules/';
/** Code that calls the system; functions of JavaScript may have the same names, such as `bind`. */
const CALLERS = ['src/transport/tcp/', 'src/transport/tun/', 'src/run/worker/memory/huge-page-memory.ts'];
/** The caller in a sample whose stack V8 could not walk. */
const NO_CALLER = '(root)';

export class SourceNames {
  /** By file that a profile names: at most all of the program and its packages. */
  readonly #maps = new Map<string, SourceMap | null>();

  /** Changes the frames of a profile. */
  apply({ nodes, head }: NamedProfile): void {
    if (nodes !== undefined) this.#nameNodes(nodes);
    if (head !== undefined) this.#nameTree(head, null);
  }

  #nameNodes(nodes: readonly ProcessorNode[]): void {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
    for (const node of nodes) {
      delete node.positionTicks; // lines of the build
      this.#locate(node.callFrame);
    }
    for (const node of nodes) nameSystemCall(node.callFrame, byId.get(parents.get(node.id) ?? 0)?.callFrame ?? null);
  }

  #nameTree({ callFrame, children }: AllocationNode, parent: CallFrame | null): void {
    this.#locate(callFrame);
    nameSystemCall(callFrame, parent);
    for (const child of children) this.#nameTree(child, callFrame);
  }

  #locate(frame: CallFrame): void {
    const { url } = frame;
    if (!url.startsWith('file:')) return;
    const entry = this.#mapOf(url)?.findEntry(frame.lineNumber, frame.columnNumber);
    if (entry === undefined || !('originalSource' in entry)) {
      frame.url = shortUrl(url);
      return;
    }
    frame.url = shortUrl(new URL(entry.originalSource, url).href);
    frame.lineNumber = entry.originalLine;
    frame.columnNumber = entry.originalColumn;
  }

  /** The map beside a file of the build; null if it has none. */
  #mapOf(url: string): SourceMap | null {
    const known = this.#maps.get(url);
    if (known !== undefined) return known;
    let map: SourceMap | null = null;
    try {
      map = new SourceMap(JSON.parse(readFileSync(new URL(`${url}.map`), 'utf8')));
    } catch {
      // code of others has none, and a package may have been installed without
    }
    this.#maps.set(url, map);
    return map;
  }
}

/**
 * V8 knows all functions that koffi made by the name of the last one, because they share their code. The function that
 * calls tells which it is; where the stack could not be walked, nothing does.
 */
function nameSystemCall(frame: CallFrame, caller: CallFrame | null): void {
  if (frame.url !== '' || caller === null || !systemCallNames().has(frame.functionName)) return;
  if (caller.functionName === NO_CALLER) frame.functionName = 'system call of an unknown function';
  else if (CALLERS.some((file) => caller.url.startsWith(file))) {
    frame.functionName = `system call of ${caller.functionName}`;
  }
}

/** Relative to the package, or to the folder of its dependencies; no path of this machine. */
function shortUrl(url: string): string {
  if (url.startsWith(ROOT)) return decodeURIComponent(url.slice(ROOT.length));
  const at = url.lastIndexOf(MODULES);
  return at < 0 ? url : decodeURIComponent(url.slice(at + 1));
}
