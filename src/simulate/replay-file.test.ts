import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  engineDifference,
  parseReplay,
  REPLAY_SCHEMA,
  type Replay,
  type RunningProgram,
  replayText,
} from './replay-file.ts';

const PROGRAM: RunningProgram = {
  trunkline: '0.1.0',
  commit: 'a'.repeat(40),
  isDirty: false,
  buildDigest: '0123456789abcdef',
  v8: '11.3.244',
};
const REPLAY: Replay = {
  schema: REPLAY_SCHEMA,
  ...PROGRAM,
  scenario: { name: 'faults' },
  seed: 7,
  faults: [{ kind: 'stalls', atMicros: 12, target: 3, micros: 400, salt: -9 }],
  drawnFaults: 40,
  isShortest: true,
  violation: { check: 'lost', text: 'One message.', atMicros: 9 },
  digest: '0123',
};

function refused(text: string, program = PROGRAM): string {
  let message = '';
  assert.throws(
    () => parseReplay(text, 'seed-7.json', program),
    (error: Error & { code: string }) => {
      message = error.message;
      return error.code === 'REPLAY_INVALID';
    },
  );
  return message;
}

describe('the file of a failed simulation', () => {
  it('is read as it was written', () => {
    assert.deepEqual(parseReplay(replayText(REPLAY), 'x', PROGRAM), REPLAY);
    const unknown = { ...REPLAY, commit: null };
    assert.deepEqual(parseReplay(replayText(unknown), 'x', { ...PROGRAM, commit: null }), unknown);
  });

  it('of another version or commit says so, and what to do', () => {
    const text = replayText(REPLAY);
    assert.match(
      refused(text, { ...PROGRAM, trunkline: '0.2.0' }),
      /^seed-7\.json: expected a file of trunkline 0\.2\.0, found one of 0\.1\.0\. Replay it with that version\.$/,
    );
    const other = refused(text, { ...PROGRAM, commit: 'b'.repeat(40) });
    assert.match(
      other,
      /expected a file of commit b{40}, found one of a{40}\. Replay it with a build of that commit, or/,
    );
  });

  it('of other code of the same commit says so, and which had uncommitted changes', () => {
    const changed = { ...PROGRAM, isDirty: true, buildDigest: 'f'.repeat(16) };
    assert.match(
      refused(replayText({ ...REPLAY, ...changed })),
      /expected a file of the build with digest 0123456789abcdef, found one of the same commit, but of the build with digest f{16} \(with uncommitted changes\)\. Replay it with that code, or simulate seed 7 again\.$/,
    );
    assert.match(
      refused(replayText(REPLAY), changed),
      /expected a file of the build with digest f{16} \(with uncommitted changes\), found .* digest 0123456789abcdef\. /,
    );
    const sameCode = { ...PROGRAM, isDirty: true }; // something that is no code had changed
    assert.deepEqual(parseReplay(replayText({ ...REPLAY, ...sameCode }), 'x', PROGRAM).seed, 7);
  });

  it('of another engine says so, and is read all the same', () => {
    const other = { ...PROGRAM, v8: '12.4.254' };
    const replay = parseReplay(replayText(REPLAY), 'x', other);
    assert.match(engineDifference(replay, other) ?? '', /^Recorded with V8 11\.3\.244, replayed with V8 12\.4\.254: /);
    assert.equal(engineDifference(replay, PROGRAM), null);
  });

  it('that is damaged, or something else, is refused', () => {
    const text = replayText(REPLAY);
    assert.match(refused(text.slice(0, -20)), /expected JSON, found /);
    assert.match(refused('{}'), /expected a file of schema trunkline\.replay\/1, found schema none/);
    assert.match(refused('{"schema":"trunkline.result/1"}'), /found schema "trunkline\.result\/1"/);
    const kind = { ...REPLAY.faults[0], kind: 'meteorites' };
    assert.match(refused(JSON.stringify({ ...REPLAY, faults: [kind] })), /found faults\.0\.kind: /);
    assert.match(refused(JSON.stringify({ ...REPLAY, seed: 1.5 })), /found seed: /);
  });
});
