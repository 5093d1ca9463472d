/** Apart from the key `misfits`, which needs zod, so that the threads of a run need not load that. */

/** Whether any phone misbehaves. @param misfits the key of that name. */
export function hasMisfits(misfits: Readonly<Record<string, number>>): boolean {
  return Object.values(misfits).some((value) => value > 0);
}
