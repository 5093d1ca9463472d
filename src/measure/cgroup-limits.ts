/**
 * The limits of this process's control group. Limits of all parent groups apply as well, so all of them are read and
 * the smallest counts. Both versions of the interface are supported.
 */
import { readOrEmpty } from './read-or-empty.ts';

/** Null for no limit, or if it cannot be read. */
export interface CgroupLimits {
  readonly pids: number | null;
  readonly memoryBytes: number | null;
  readonly cpuCores: number | null;
}

export type ReadText = (path: string) => string;

const ROOT = '/sys/fs/cgroup';
/** Version 1 represents "no limit" by the largest number of pages. */
const UNLIMITED_MIN = 2 ** 62;

/** Reads the limits of the groups of this process. */
export function cgroupLimits(read: ReadText = readOrEmpty): CgroupLimits {
  const groups = parseCgroupPaths(read('/proc/self/cgroup'));
  const unified = unifiedFolders(groups);
  const legacy = (controller: string): string[] => legacyFolders(groups, controller);
  const limits = (folders: readonly string[], file: string): (number | null)[] =>
    folders.map((folder) => parseLimit(read(`${folder}/${file}`)));
  return {
    pids: lowest([...limits(unified, 'pids.max'), ...limits(legacy('pids'), 'pids.max')]),
    memoryBytes: lowest([...limits(unified, 'memory.max'), ...limits(legacy('memory'), 'memory.limit_in_bytes')]),
    cpuCores: lowest([
      ...unified.map((folder) => cgroupCores(read(`${folder}/cpu.max`))),
      ...legacy('cpu').map((folder) =>
        cgroupCores(`${read(`${folder}/cpu.cfs_quota_us`)} ${read(`${folder}/cpu.cfs_period_us`)}`),
      ),
    ]),
  };
}

/**
 * Memory in bytes that the groups of this process leave it: of all groups with a limit, the smallest difference between
 * limit and use. A parent with a larger limit may have less room, because its other groups use it too. Null for no
 * limit, or if it cannot be read.
 */
export function cgroupRoomBytes(read: ReadText = readOrEmpty): number | null {
  const groups = parseCgroupPaths(read('/proc/self/cgroup'));
  const room = (folder: string, limitFile: string, usageFile: string): number | null => {
    const limit = parseLimit(read(`${folder}/${limitFile}`));
    const used = limit === null ? null : parseLimit(read(`${folder}/${usageFile}`));
    return limit === null || used === null ? null : limit - used;
  };
  return lowest([
    ...unifiedFolders(groups).map((folder) => room(folder, 'memory.max', 'memory.current')),
    ...legacyFolders(groups, 'memory').map((folder) => room(folder, 'memory.limit_in_bytes', 'memory.usage_in_bytes')),
  ]);
}

/** The path of the group of each controller in /proc/self/cgroup; the controller of version 2 is ''. */
export function parseCgroupPaths(text: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (match === null) continue;
    for (const controller of (match[1] ?? '').split(',')) paths.set(controller, match[2] ?? '/');
  }
  return paths;
}

/** A number; null for `max` and other forms of "no limit". */
export function parseLimit(text: string): number | null {
  const trimmed = text.trim();
  if (!/^\d+$/.test(trimmed)) return null;
  const value = Number(trimmed);
  return value >= UNLIMITED_MIN ? null : value;
}

/** Cores allowed by a quota and its period in microseconds (`cpu.max`); null for no limit. */
export function cgroupCores(text: string): number | null {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  return quota === undefined || period === undefined || !(quota > 0) || !(period > 0) ? null : quota / period;
}

/** Folders of version 2, which has one tree for all controllers. */
function unifiedFolders(groups: ReadonlyMap<string, string>): string[] {
  return foldersUpwards('', groups.get('') ?? '/');
}

/** Folders of version 1, which has a tree for each controller. */
function legacyFolders(groups: ReadonlyMap<string, string>, controller: string): string[] {
  const path = groups.get(controller);
  return path === undefined ? [] : foldersUpwards(`/${controller}`, path);
}

/** The folder of a group, and those of all its parents. */
function foldersUpwards(hierarchy: string, path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return Array.from({ length: parts.length + 1 }, (_, dropped) =>
    [`${ROOT}${hierarchy}`, ...parts.slice(0, parts.length - dropped)].join('/'),
  );
}

function lowest(limits: readonly (number | null)[]): number | null {
  const stated = limits.filter((limit) => limit !== null);
  return stated.length === 0 ? null : Math.min(...stated);
}
