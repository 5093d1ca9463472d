/** The build of trunkline that is running, as a side of a series. */
import { fingerprint } from '../../measure/fingerprint.ts';
import { codeDigest } from '../../run/revision/code-digest.ts';
import type { SeriesBuild } from '../../run/series/series.ts';
import { OWN_ENTRY } from '../terminal/own-entry.ts';

/** The build that is running. */
export function ownBuild(): SeriesBuild {
  return { entry: OWN_ENTRY, commit: fingerprint().commit, code: codeDigest(OWN_ENTRY) };
}
