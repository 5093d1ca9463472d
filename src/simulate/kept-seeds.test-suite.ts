/** Seeds that failed once, and why. They are run for ever: add one for each failure that is mended. */
export interface KeptSeed {
  /**
   * Whose settings: those of the scenario `faults`, the same with {@link GROUPS}, or those of a short simulation of
   * tests.
   */
  readonly of: 'scenario' | 'groups' | 'short';
  readonly seed: number;
  readonly found: string;
}

/** Settings for many messages to groups whose members come and go. */
export const GROUPS: readonly string[] = [
  'groups.count=40',
  'groups.size=8',
  'groups.sizeMax=32',
  'groups.share=30%',
  'groups.joins=200/s',
  'groups.leaves=200/s',
  'groups.members=all',
  'simulate.faults.phonesForget=0/s',
];

export const KEPT_SEEDS: readonly KeptSeed[] = [
  { of: 'scenario', seed: 7, found: 'an assertion of the cleaner, which met a header that had been damaged in use' },
  { of: 'scenario', seed: 116, found: 'a message shown twice: a full set of id windows forgot its pair' },
  { of: 'scenario', seed: 226, found: 'the same' },
  { of: 'scenario', seed: 1615, found: 'a message sent again whose first copy was refused, after a later one' },
  {
    of: 'scenario',
    seed: 5072,
    found: 'the same, shown to a phone that had forgotten what it had seen: it was called lost',
  },
  { of: 'scenario', seed: 7496, found: 'the same as seed 5072' },
  {
    of: 'groups',
    seed: 200_015,
    found: 'a message to a group after a later one: it was sent again, and called reordered',
  },
  { of: 'groups', seed: 200_719, found: 'a shard whose clock alone was ahead of the others, and ignored their logins' },
  { of: 'groups', seed: 201_129, found: 'the same as seed 200015' },
  { of: 'groups', seed: 202_887, found: 'the same as seed 200015' },
  { of: 'short', seed: 3, found: 'a half-open phone that wrote on the connection of another' },
  { of: 'short', seed: 6, found: 'the same' },
  { of: 'short', seed: 9, found: 'the same' },
  { of: 'short', seed: 22, found: 'rings of connections too small for the inputs of a turn' },
];
