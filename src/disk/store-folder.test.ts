/** The folder of a store: what it is opened for, and what becomes of folders that do not fit. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { TrunklineError } from '../base/errors.ts';
import { logFolder, StoreFolder, type StoreOpening } from './store-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'trunkline-folder-'));
after(() => rmSync(root, { recursive: true, force: true }));
const folder = (): string => mkdtempSync(join(root, 'store-'));

const OWN_START = '77';
/** This process runs, and process 4 since its start 9. */
const processStart = (processId: number): string | null => {
  if (processId === process.pid) return OWN_START;
  return processId === 4 ? '9' : null;
};
const OPENING: StoreOpening = {
  shards: 2,
  numbering: [{ first: 4477, count: 10 }],
  groups: null,
  identity: 7,
  processStart,
};

function refusal(run: () => unknown): TrunklineError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    return error;
  }
  return assert.fail('it was not refused');
}

/** The names and bytes of all files below a folder. */
function contents(path: string): string[] {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name} ${readFileSync(join(entry.parentPath, entry.name), 'hex')}`)
    .sort();
}

describe('the folder of a store', () => {
  it('is made where there is none, and opened again with its identity', () => {
    const path = join(folder(), 'new', 'store');
    StoreFolder.open(path, OPENING).close();
    assert.ok(existsSync(logFolder(path, 1)));
    const again = StoreFolder.open(path, { ...OPENING, identity: 8 });
    assert.equal(again.manifest.identity, 7);
    again.close();
  });

  it('says which ids were used, as noted last, and refuses what is no id', () => {
    const path = folder();
    const store = StoreFolder.open(path, OPENING);
    assert.equal(store.idsUsed, null);
    for (const id of [0, 12_345, 2 ** 30 - 1]) {
      store.noteIdsUsed(id);
      assert.equal(store.idsUsed, id);
    }
    store.close();
    assert.deepEqual(readdirSync(path).sort(), ['ids-used', 'shard-000', 'shard-001', 'store.json']);
    for (const text of ['', '-1', '1073741824', 'one']) {
      writeFileSync(join(path, 'ids-used'), text);
      const again = StoreFolder.open(path, OPENING);
      const { code, message } = refusal(() => again.idsUsed);
      assert.equal(code, 'STORE_DAMAGED');
      assert.match(message, /ids-used to have an id from 0 to 1073741823, found something else/);
      again.close();
    }
  });

  it('counts the bytes of all logs', () => {
    const store = StoreFolder.open(folder(), OPENING);
    writeFileSync(join(logFolder(store.path, 0), '0000000001.log'), 'abc');
    writeFileSync(join(logFolder(store.path, 1), '0000000001.log'), 'de');
    assert.equal(store.bytes, 5);
    store.close();
  });

  const misfits: readonly (readonly [string, Partial<StoreOpening>, RegExp])[] = [
    [
      'another number of shards',
      { shards: 3 },
      /store\.json: expected a store of 3 shards, found one of 2\..*switch\.shards=2/,
    ],
    [
      'other numbers',
      { numbering: [{ first: 4477, count: 11 }] },
      /store\.json: expected the numbering plan .*11.*found .*10/,
    ],
    [
      'other groups',
      {
        groups: {
          ...{ seed: 1, firstAccount: 10, groups: 2, lists: 0, phones: 10 },
          sizes: { median: 3, sigma: 0, max: 3 },
        },
      },
      /store\.json: expected the groups .*"groups":2.*found null/,
    ],
  ];
  for (const [what, asked, says] of misfits) {
    it(`is refused for ${what}, and nothing is changed`, () => {
      const path = folder();
      StoreFolder.open(path, OPENING).close();
      const before = contents(path);
      const { code, message } = refusal(() => StoreFolder.open(path, { ...OPENING, ...asked }));
      assert.equal(code, 'STORE_MISMATCH');
      assert.match(message, says);
      assert.deepEqual(contents(path), before);
    });
  }

  const manifests: readonly (readonly [string, string, string])[] = [
    ['of a later format', '{"kind":"trunkline.store","format":4,"anything":1}', 'STORE_VERSION'],
    ['that is cut short', '{"kind":"trunkline.store","form', 'STORE_DAMAGED'],
    ['that is empty', '', 'STORE_DAMAGED'],
    ['that is other JSON', '{"format":1}', 'STORE_DAMAGED'],
    ['without shards', '{"kind":"trunkline.store","format":3,"identity":1,"shards":0,"numbering":[]}', 'STORE_DAMAGED'],
    ['that is null', 'null', 'STORE_DAMAGED'],
  ];
  for (const [what, text, code] of manifests) {
    it(`with a manifest ${what} is refused with ${code}, and stays as it is`, () => {
      const path = folder();
      writeFileSync(join(path, 'store.json'), text);
      const error = refusal(() => StoreFolder.open(path, OPENING));
      assert.equal(error.code, code);
      assert.ok(error.message.includes(join(path, 'store.json')), error.message);
      assert.deepEqual(contents(path), [`store.json ${Buffer.from(text).toString('hex')}`]);
    });
  }

  it('with other files in it is not taken for an empty one', () => {
    const path = folder();
    writeFileSync(join(path, 'photo.jpg'), 'x');
    assert.equal(refusal(() => StoreFolder.open(path, OPENING)).code, 'STORE_MISSING');
    assert.deepEqual(readdirSync(path), ['photo.jpg']);
  });

  it('is locked by a process that runs, and not by one that was killed', () => {
    const path = folder();
    StoreFolder.open(path, OPENING).close();
    writeFileSync(join(path, 'lock-4-9'), '');
    const { code, message } = refusal(() => StoreFolder.open(path, OPENING));
    assert.equal(code, 'STORE_LOCKED');
    assert.match(message, /process 4 has this store open/);
    assert.ok(!existsSync(join(path, `lock-${process.pid}-${OWN_START}`)), 'a refused process leaves no lock');
    rmSync(join(path, 'lock-4-9'));
    writeFileSync(join(path, 'lock-4-8'), ''); // an earlier process with the same id
    writeFileSync(join(path, 'lock-5-1'), ''); // one that is gone
    const store = StoreFolder.open(path, OPENING);
    assert.deepEqual(
      readdirSync(path).filter((name) => name.startsWith('lock-')),
      [`lock-${process.pid}-${OWN_START}`],
    );
    store.close();
    assert.deepEqual(
      readdirSync(path).filter((name) => name.startsWith('lock-')),
      [],
    );
  });

  it('without the folder of a log is damaged', () => {
    const store = StoreFolder.open(folder(), OPENING);
    rmSync(logFolder(store.path, 1), { recursive: true });
    const { code, message } = refusal(() => store.bytes);
    assert.equal(code, 'STORE_DAMAGED');
    assert.match(message, /shard-001, found no such folder/);
    store.close();
  });

  it('says what to do where it cannot be read', () => {
    const path = folder();
    mkdirSync(join(path, 'store.json'));
    const { code, message } = refusal(() => StoreFolder.open(path, OPENING));
    assert.equal(code, 'STORE_FAILED');
    assert.match(message, /Expected to read the store in .* but EISDIR.*Give this user the right to read it/);
  });

  it('leaves no lock where the lock of another cannot be removed', () => {
    const path = folder();
    mkdirSync(join(path, 'lock-5-1'));
    assert.equal(refusal(() => StoreFolder.open(path, OPENING)).code, 'STORE_UNWRITABLE');
    assert.deepEqual(readdirSync(path), ['lock-5-1']);
  });

  it('says what to do where it cannot be made', () => {
    const path = folder();
    writeFileSync(join(path, 'file'), '');
    const { code, message } = refusal(() => StoreFolder.open(join(path, 'file', 'store'), OPENING));
    assert.equal(code, 'STORE_UNWRITABLE');
    assert.match(message, /file.*store.*Give it a folder that can be written/);
  });

  it('is refused where it is read-only', { skip: process.getuid?.() === 0 && 'root may write everywhere' }, () => {
    const path = folder();
    mkdirSync(join(path, 'closed'));
    chmodSync(join(path, 'closed'), 0o500);
    assert.equal(refusal(() => StoreFolder.open(join(path, 'closed'), OPENING)).code, 'STORE_UNWRITABLE');
  });

  it('is read for any plan, but not where there is no store', () => {
    const path = folder();
    assert.equal(refusal(() => StoreFolder.openAny(path, processStart)).code, 'STORE_MISSING');
    assert.deepEqual(readdirSync(path), []);
    StoreFolder.open(path, OPENING).close();
    const store = StoreFolder.openAny(path, processStart);
    assert.deepEqual([store.manifest.shards, store.manifest.numbering], [2, OPENING.numbering]);
    store.close();
  });
});
