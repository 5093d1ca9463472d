/** Walsh averages: the averages of all pairs of values, including each value with itself (Walsh, 1949). */
import { at } from '../base/assert.ts';

/** All n(n + 1)/2 averages, sorted. The estimate and interval of the signed-rank test are read from them. */
export function walshAverages(values: readonly number[]): Float64Array {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let next = 0;
  for (let i = 0; i < values.length; i++) {
    for (let j = i; j < values.length; j++) averages[next++] = (at(values, i) + at(values, j)) / 2;
  }
  return averages.sort();
}
