/** The environment of a run: everything that may explain why its figures differ from another's. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cgroupLimits } from './cgroup-limits.ts';
import { readOrEmpty } from './read-or-empty.ts';

export interface Fingerprint {
  readonly trunkline: string;
  readonly node: string;
  readonly v8: string;
  readonly execArgv: string[];
  readonly platform: string;
  readonly kernel: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly governor: string | null;
  readonly cgroupCpuCores: number | null;
  readonly cgroupMemoryBytes: number | null;
  readonly loadBefore: number;
  readonly openFilesLimit: number | null;
  readonly sysctls: Record<string, string>;
  readonly commit: string | null;
  readonly isDirty: boolean | null;
  readonly lockfileHash: string | null;
  readonly machineClass: string;
}

/** Kernel settings that affect the cost of memory and threads. */
const SYSCTLS = [
  'vm/overcommit_memory',
  'vm/swappiness',
  'vm/max_map_count',
  'kernel/sched_autogroup_enabled',
  'kernel/randomize_va_space',
] as const;
const GIT_MILLIS = 2000;

const packageRoot = new URL('../../', import.meta.url);

/** Reads the environment. */
export function fingerprint(): Fingerprint {
  const cpuModel = cpus()[0]?.model.trim() ?? 'unknown';
  const cores = availableParallelism();
  const memoryBytes = totalmem();
  const cgroup = cgroupLimits();
  return {
    trunkline: packageVersion(),
    node: process.version,
    v8: process.versions.v8,
    execArgv: process.execArgv,
    platform: `${platform()} ${arch()}`,
    kernel: release(),
    cpuModel,
    cores,
    memoryBytes,
    governor: readOrEmpty('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor').trim() || null,
    cgroupCpuCores: cgroup.cpuCores,
    cgroupMemoryBytes: cgroup.memoryBytes,
    loadBefore: currentLoad(),
    openFilesLimit: openFilesLimit(readOrEmpty('/proc/self/limits')),
    sysctls: Object.fromEntries(
      SYSCTLS.flatMap((name) => {
        const value = readOrEmpty(`/proc/sys/${name}`).trim();
        return value === '' ? [] : [[name.replaceAll('/', '.'), value]];
      }),
    ),
    ...gitState(),
    lockfileHash: lockfileHash(),
    machineClass: `${platform()}-${arch()} ${cpuModel} ×${cores} ${Math.round(memoryBytes / 2 ** 30)} GiB`,
  };
}

/** The load average of the last minute. */
export function currentLoad(): number {
  return loadavg()[0] ?? 0;
}

export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8'));
  const isVersioned = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isVersioned ? String(manifest.version) : 'unknown';
}

function openFilesLimit(limits: string): number | null {
  const match = /^Max open files\s+(\d+)/m.exec(limits);
  return match === null ? null : Number(match[1]);
}

/** Commit of the running source, and whether it has uncommitted changes; null outside a repository. */
function gitState(): { commit: string | null; isDirty: boolean | null } {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', fileURLToPath(packageRoot), ...args], {
      encoding: 'utf8',
      timeout: GIT_MILLIS,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const isOurs = git('rev-parse', '--show-prefix') === ''; // not installed in the repository of another project
    if (!isOurs) return { commit: null, isDirty: null };
    return { commit: git('rev-parse', 'HEAD'), isDirty: git('status', '--porcelain', '--untracked-files=no') !== '' };
  } catch {
    return { commit: null, isDirty: null }; // not a repository, or no git; both are valid
  }
}

function lockfileHash(): string | null {
  try {
    const text = readFileSync(new URL('package-lock.json', packageRoot));
    return createHash('sha256').update(text).digest('hex').slice(0, 16);
  } catch {
    return null; // an installed package has no lockfile
  }
}
