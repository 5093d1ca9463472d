/** Reads a drawing as an engineer would: where its shapes are, and what its texts say. */
import assert from 'node:assert/strict';

export interface DrawnShape {
  readonly tag: string;
  readonly className: string;
  /** Left, top, right and bottom. */
  readonly box: readonly [number, number, number, number];
}

export interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly shapes: readonly DrawnShape[];
  readonly texts: readonly string[];
}

const ELEMENT = /<(svg|line|rect|circle|polygon|polyline|path)\b([^>]*?)\/?>/g;

/** Parses what `svg.ts` writes; fails for a coordinate that is not a number. */
export function readDrawing(svg: string): Drawn {
  assert.doesNotMatch(svg, /NaN|Infinity|undefined|null/);
  assert.doesNotMatch(svg, / style=|<script|<image|href=/, 'the policy of the page forbids it');
  const elements = [...svg.matchAll(ELEMENT)].map(([, tag = '', text = '']) => ({
    tag,
    attributes: attributesOf(text),
  }));
  const [root, ...others] = elements;
  assert.equal(root?.tag, 'svg');
  return {
    width: Number(root?.attributes['width']),
    height: Number(root?.attributes['height']),
    label: root?.attributes['aria-label'] ?? '',
    shapes: others.map(({ tag, attributes }) => ({
      tag,
      className: attributes['class'] ?? '',
      box: boxOf(tag, attributes),
    })),
    texts: [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text),
  };
}

/** Shapes that have all the classes. */
export function shapesOf({ shapes }: Drawn, ...classes: readonly string[]): DrawnShape[] {
  return shapes.filter(({ className }) => classes.every((one) => className.split(' ').includes(one)));
}

/** Fails if a shape leaves the drawing. */
export function assertInside({ shapes, width, height }: Drawn): void {
  for (const { tag, className, box } of shapes) {
    const [left, top, right, bottom] = box;
    const isInside = left >= -0.5 && top >= -0.5 && right <= width + 0.5 && bottom <= height + 0.5;
    assert.ok(isInside, `${tag}.${className} at ${box.join(', ')} of ${width} × ${height}`);
  }
}

/** The middle of a shape. */
export function middleOf({ box: [left, top, right, bottom] }: DrawnShape): [x: number, y: number] {
  return [(left + right) / 2, (top + bottom) / 2];
}

type Attributes = Readonly<Record<string, string>>;

function attributesOf(text: string): Attributes {
  return Object.fromEntries(
    [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

function boxOf(tag: string, attributes: Attributes): DrawnShape['box'] {
  const number = (name: string): number => Number(attributes[name]);
  switch (tag) {
    case 'rect':
      return [number('x'), number('y'), number('x') + number('width'), number('y') + number('height')];
    case 'circle':
      return [
        number('cx') - number('r'),
        number('cy') - number('r'),
        number('cx') + number('r'),
        number('cy') + number('r'),
      ];
    case 'line':
      return around([number('x1'), number('x2')], [number('y1'), number('y2')]);
    case 'path': {
      const [, x = '', y = '', size = ''] = /^M([-\d.]+) ([-\d.]+)l([-\d.]+)/.exec(attributes['d'] ?? '') ?? [];
      return [Number(x), Number(y), Number(x) + Number(size), Number(y) + Number(size)];
    }
    default: {
      const places = (attributes['points'] ?? '').split(' ').map((place) => place.split(',').map(Number));
      return around(
        places.map(([x = Number.NaN]) => x),
        places.map(([, y = Number.NaN]) => y),
      );
    }
  }
}

function around(xs: readonly number[], ys: readonly number[]): DrawnShape['box'] {
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
