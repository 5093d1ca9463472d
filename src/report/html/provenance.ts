/**
 * The last section of every page: where the figures come from, and how to get them again. Commands, digests of the
 * files that the page was made from, versions, and the environment.
 */
import { formatBytes, formatCountOf } from '../../base/units.ts';
import type { Environment } from '../../result/sections/environment-schema.ts';
import { table } from './chart-table.ts';
import { markup } from './markup.ts';
import type { PageSection } from './page.ts';
import { sentenceList } from './sentence-list.ts';

/** A file that a page was made from. */
export interface PageSource {
  /** Its path, relative to the page if it stands beside it. */
  readonly file: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

export interface Provenance {
  /** What to type to repeat it, one command per line. */
  readonly commands: readonly string[];
  /** What differs from the defaults or between the sides, as sentences. */
  readonly differences: readonly string[];
  readonly sources: readonly PageSource[];
  /** Anything else that identifies it: identifier, seed, digests. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly environment: Environment | null;
}

/** The section. */
export function provenanceSection(provenance: Provenance): PageSection {
  const { commands, differences, sources, facts, environment } = provenance;
  const rows = [...facts, ...(environment === null ? [] : environmentRows(environment))];
  return {
    id: 'provenance',
    title: 'Repeat and verify',
    html: markup`<h3>Command</h3>
<pre tabindex="0"><code>${commands.join('\n')}</code></pre>
<h3>Differences</h3>
${sentenceList(differences.length === 0 ? ['None: all settings are those of the scenario.'] : differences)}
<h3>Made from</h3>
${table(
  'Files, with their digests',
  ['file', 'SHA-256'],
  sources.map(({ file, sha256 }) => [file, markup`<code class="digest">${sha256}</code>`]),
)}
<p class="note">The digest identifies the file: <code>sha256sum ${sources[0]?.file ?? ''}</code> prints the same.</p>
<h3>Environment</h3>
<div class="facts">${table('Environment', ['what', 'found'], rows)}</div>`,
  };
}

function environmentRows(environment: Environment): [string, string][] {
  const { commit, isDirty } = environment;
  const known = (value: string | number | null): string => (value === null ? 'unknown' : String(value));
  return [
    ['trunkline', environment.trunkline],
    ['commit', `${known(commit)}${isDirty === true ? ', with uncommitted changes' : ''}`],
    ['lockfile', known(environment.lockfileHash)],
    ['Node', `${environment.node}, V8 ${environment.v8}`],
    ['Node flags', environment.execArgv.length === 0 ? 'none' : environment.execArgv.join(' ')],
    ['machine', environment.machineClass],
    [
      'processor',
      `${environment.cpuModel}, ${formatCountOf(environment.cores, 'core')}, governor ${known(environment.governor)}`,
    ],
    ['memory', formatBytes(environment.memoryBytes)],
    ['limits of the container', `${known(environment.cgroupCpuCores)} cores, ${cgroupMemory(environment)}`],
    ['system', `${environment.platform}, kernel ${environment.kernel}`],
    ['load average', `${environment.loadBefore} before, ${known(environment.loadAfter)} after`],
    ['open files', known(environment.openFilesLimit)],
    ...Object.entries(environment.sysctls).map(([name, value]): [string, string] => [name, value]),
  ];
}

function cgroupMemory({ cgroupMemoryBytes }: Environment): string {
  return cgroupMemoryBytes === null ? 'memory unknown' : formatBytes(cgroupMemoryBytes);
}
