/**
 * The largest number that is acceptable, by bisection; 0 if none is. Every number below an acceptable one must be
 * acceptable.
 * @param tooMany a number that is not acceptable.
 */
export function largest(tooMany: number, isFine: (value: number) => boolean): number {
  let [fine, above] = [0, tooMany];
  while (above - fine > 1) {
    const middle = Math.floor((fine + above) / 2);
    if (isFine(middle)) fine = middle;
    else above = middle;
  }
  return fine;
}
