/**
 * The largest number that is fine, by halving; 0 if none is. What is fine stays so for smaller numbers.
 * @param tooMany a number that is not fine.
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
