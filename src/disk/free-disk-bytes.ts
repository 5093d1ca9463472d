/** Free space of the file system of a folder. */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** @param folder need not exist yet: then of the folder in which it would be made. @returns bytes; null if unknown. */
export function freeDiskBytes(folder: string): number | null {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    } catch {
      if (path === dirname(path)) return null;
    }
  }
}
