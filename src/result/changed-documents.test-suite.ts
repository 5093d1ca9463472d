/** Documents that are nearly right: a right one with each value in turn removed, replaced, or joined by another. */

/** Values of every type of JSON, and some that are nearly what a schema asks for. */
const OTHERS: readonly unknown[] = [null, true, -1, 0.5, 'x', [], {}, { a: 1 }];

/** An object with more keys holds data, and its first keys stand for all. */
const KEYS_MAX = 20;

/** The keys of every object, and the first item of every list, at any depth. */
function* placesOf(inside: unknown): Generator<[container: object, key: string]> {
  if (typeof inside !== 'object' || inside === null) return;
  for (const [key, inner] of Object.entries(inside).slice(0, Array.isArray(inside) ? 1 : KEYS_MAX)) {
    yield [inside, key];
    yield* placesOf(inner);
  }
}

/** The same document again and again, each time with one change, which is undone before the next. */
export function* changedDocuments(document: object): Generator<object> {
  const places = [...placesOf(document)];
  for (const [container, key] of places) {
    const before: unknown = Reflect.get(container, key);
    for (const other of OTHERS) {
      Reflect.set(container, key, other);
      yield document;
    }
    if (Array.isArray(container)) {
      Reflect.set(container, key, before);
      continue;
    }
    Reflect.deleteProperty(container, key);
    yield document;
    Reflect.set(container, key, before);
    Reflect.set(container, `${key}2`, before);
    yield document;
    Reflect.deleteProperty(container, `${key}2`);
  }
}
