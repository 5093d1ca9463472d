/**
 * The places of boxes in a flame graph: one box per call, as wide as its weight, above the one that called it. Calls of
 * the same function from the same place are one box already, because the tree has them once.
 */
import type { CallKind, CallNode } from './call-trees.ts';

export interface FlameBox {
  readonly node: CallNode;
  /** Left edge and width, as shares of the whole. */
  readonly left: number;
  readonly width: number;
  /** 0 for the calls at the bottom. */
  readonly depth: number;
}

export interface FlameLayout {
  readonly boxes: readonly FlameBox[];
  /** The weight that the whole width stands for. */
  readonly weight: number;
  readonly depth: number;
  /** Calls too narrow to draw, and calls too deep. */
  readonly omitted: number;
}

export interface FlameLimits {
  /** Kinds that are left out, with all that they called. */
  readonly without: readonly CallKind[];
  /** Narrowest box, as a share of the whole. */
  readonly narrowest: number;
  readonly depthMax: number;
}

/** Children stand in the order of their weight, heaviest first. */
export function flameLayout(tree: CallNode, { without, narrowest, depthMax }: FlameLimits): FlameLayout {
  const whole = without.length === 0 ? tree : pruned(tree, without);
  const boxes: FlameBox[] = [];
  let omitted = 0;
  const place = (children: readonly CallNode[], left: number, depth: number): void => {
    let at = left;
    for (const node of [...children].sort((a, b) => b.total - a.total)) {
      if (node.total === 0) continue;
      const width = node.total / whole.total;
      if (width < narrowest || depth >= depthMax) omitted += countOf(node);
      else {
        boxes.push({ node, left: at, width, depth });
        place(node.children, at, depth + 1);
      }
      at += width;
    }
  };
  place(whole.children, 0, 0);
  const depth = boxes.reduce((deepest, box) => Math.max(deepest, box.depth + 1), 0);
  return { boxes, weight: whole.total, depth, omitted };
}

function pruned(node: CallNode, without: readonly CallKind[]): CallNode {
  const children = node.children.filter(({ kind }) => !without.includes(kind)).map((child) => pruned(child, without));
  return { ...node, children, total: children.reduce((sum, { total }) => sum + total, node.self) };
}

function countOf(node: CallNode): number {
  return node.children.reduce((sum, child) => sum + (child.total > 0 ? countOf(child) : 0), 1);
}
