/** The functions of a thread that weigh most: the hottest by time, the largest by allocated bytes. */
import type { CallNode } from './call-tree.ts';

export interface HeavyFunction {
  readonly name: string;
  readonly place: string;
  readonly self: number;
  /** With all that it called; a function that calls itself counts once. */
  readonly total: number;
}

/** The functions with the largest weight of their own, largest first; those that weigh nothing are left out. */
export function heaviestFunctions(tree: CallNode, count: number): HeavyFunction[] {
  return allFunctions(tree)
    .filter(({ self }) => self > 0)
    .sort((a, b) => b.self - a.self || a.name.localeCompare(b.name))
    .slice(0, count);
}

/** Every function of a tree once, wherever it was called from. */
export function allFunctions(tree: CallNode): HeavyFunction[] {
  const sums = new Map<string, { name: string; place: string; self: number; total: number }>();
  const visit = (node: CallNode, callers: ReadonlySet<string>): void => {
    const key = `${node.name} ${node.place}`;
    const isFunction = node.kind === 'function';
    if (isFunction) {
      const sum = sums.get(key) ?? { name: node.name, place: node.place, self: 0, total: 0 };
      sum.self += node.self;
      sum.total += callers.has(key) ? 0 : node.total;
      sums.set(key, sum);
    }
    const above = isFunction ? new Set([...callers, key]) : callers;
    for (const child of node.children) visit(child, above);
  };
  visit(tree, new Set());
  return [...sums.values()];
}
