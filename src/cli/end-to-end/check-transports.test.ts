/** No file asks for a transport by name, and `check-transports` notices one that does. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TRANSPORT_NAMES } from '../../scenario/terms/transports.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const TABLE = 'src/scenario/terms/transports.ts';
const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));

function check(): { code: number | null; stderr: string } {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/check-transports.mjs'), '--root', folder],
    { encoding: 'utf8' },
  );
  return { code: status, stderr };
}
function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe('check-transports', () => {
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    for (const name of TRANSPORT_NAMES) mkdirSync(join(folder, 'src/transport', name), { recursive: true });
    mkdirSync(dirname(join(folder, TABLE)), { recursive: true });
    cpSync(join(ROOT, TABLE), join(folder, TABLE));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('accepts names in the tables, in comments, in tests, and as words for something else', () => {
    write('src/run/worker/ends/thread-ends.ts', "if (transport === 'tcp') return;\n");
    write('src/plan/one.ts', "// transport === 'tcp'\nconst memory: Result['memory'] = await ask('memory', null);\n");
    write('src/plan/one.test.ts', "if (transport === 'tcp') return;\n");
    assert.deepEqual(check(), { code: 0, stderr: '' });
  });

  for (const line of [
    "if (transport === 'memory') return;",
    "const isOwn = settings.transport !== 'tcp';",
    "if ('node-tcp' === transport) return;",
    "    case 'ws':",
    "const OVER_SOCKETS = ['tcp', 'ws'];",
    "if (names.includes('tcp')) return;",
  ]) {
    it(`names the line of ${line.trim()}`, () => {
      write('src/plan/one.ts', `const first = 1;\n${line}\n`);
      const { code, stderr } = check();
      assert.equal(code, 1);
      assert.match(stderr, /^src\/plan\/one\.ts:2: asks for a transport by name/);
    });
  }

  it('names a transport without a room, and a table that it cannot read', () => {
    rmSync(join(folder, 'src/transport/ws'), { recursive: true });
    assert.match(check().stderr, /ws has no room src\/transport\/ws/);
    write(TABLE, 'export const NOTHING = {};\n');
    assert.match(check().stderr, /expected "const TABLE = \{"/);
  });
});
