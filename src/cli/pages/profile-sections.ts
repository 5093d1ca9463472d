/** The section about profiles for the page of a profiled run. */
import { reportThread, type ThreadReport } from '../../analysis/profile/thread-report.ts';
import { TrunklineError } from '../../base/errors.ts';
import type { PageSection } from '../../report/html/page.ts';
import { profileSection } from '../../report/html/profile/profile-section.ts';
import type { Result } from '../../result/result-schema.ts';
import { readProfiles } from '../../run/profile/thread-profiles.ts';

/** What the files of a profiled run say. @throws PROFILE_INVALID if one is missing, cut off or damaged. */
export function threadReports({ profile }: Result, folder: string): ThreadReport[] {
  return readProfiles(folder, profile?.threads ?? []).map(({ thread, processor, allocations }) =>
    reportThread(thread, processor, allocations),
  );
}

/** No section for a run that was not profiled. Files that cannot be read are named in it. */
export function profileSections(result: Result, folder: string): PageSection[] {
  if (result.profile === null) return [];
  try {
    return [profileSection(result.profile, threadReports(result, folder), null)];
  } catch (error) {
    if (!(error instanceof TrunklineError)) throw error;
    return [profileSection(result.profile, [], error.message)];
  }
}
