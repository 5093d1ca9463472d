/** The build of trunkline that is running, as a side of a series. */
import { buildDigest } from '../../measure/build-digest.ts';
import { fingerprint } from '../../measure/fingerprint.ts';
import type { SeriesBuild } from '../../run/series/series.ts';
import { OWN_ENTRY } from '../terminal/own-entry.ts';

/** The build that is running. */
export function ownBuild(): SeriesBuild {
  return { entry: OWN_ENTRY, commit: fingerprint().commit, code: buildDigest() };
}
