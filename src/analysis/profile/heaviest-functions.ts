/** The functions of a thread that weigh most: the hottest by time, the largest by allocated bytes. */
import { AT_REST, type CallNode } from './call-trees.ts';

export interface HeavyFunction {
  readonly name: string;
  readonly place: string;
  readonly self: number;
  /** With all that it called, but not the time in which the thread rested; a function that calls itself counts once. */
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
  /** @returns the rest in a node and in what it called. */
  const visit = (node: CallNode, callers: ReadonlySet<string>): number => {
    const key = `${node.name} ${node.place}`;
    const isFunction = node.kind === 'function';
    const above = isFunction ? new Set([...callers, key]) : callers;
    const ownRest = AT_REST.includes(node.kind) ? node.self : 0;
    const rest = node.children.reduce((sum, child) => sum + visit(child, above), ownRest);
    if (isFunction) {
      const sum = sums.get(key) ?? { name: node.name, place: node.place, self: 0, total: 0 };
      sum.self += node.self;
      sum.total += callers.has(key) ? 0 : node.total - rest;
      sums.set(key, sum);
    }
    return rest;
  };
  visit(tree, new Set());
  return [...sums.values()];
}
