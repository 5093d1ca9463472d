import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CLAIM_FULL } from '../../../wire/transport.ts';
import { OutputStage, STAGE_BYTES_MIN } from './output-stage.ts';

const DESCRIPTORS = 6;
const GATHER_BYTES = 4096;
const frame = fc.record({
  kind: fc.constant('frame' as const),
  descriptor: fc.nat(DESCRIPTORS - 1),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 2049, size: 'max' }),
  isCommitted: fc.boolean(),
});
const action = fc.oneof(
  { weight: 8, arbitrary: frame },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), descriptor: fc.nat(DESCRIPTORS - 1) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'flush' as const }) },
);

/** The staged output of one connection, gathered as for a send. */
function gathered(stage: OutputStage, descriptor: number): number[] {
  const to = new DataView(new ArrayBuffer(GATHER_BYTES));
  const all: number[] = [];
  for (let record = stage.firstRecord(descriptor); record !== 0; ) {
    record = stage.gather(record, to, 0);
    for (let at = 0; at < stage.copied; at++) all.push(to.getUint8(at));
  }
  return all;
}

describe('OutputStage', () => {
  it('gives each connection its frames in order, whatever was dropped between', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120, size: 'max' }), (script) => {
        const stage = new OutputStage(STAGE_BYTES_MIN, DESCRIPTORS);
        const model = new Map<number, number[]>();
        const flush = (): void => {
          const seen: number[] = [];
          for (let n = 0; n < stage.count; n++) {
            const descriptor = stage.placeAt(n);
            if (descriptor < 0) continue;
            seen.push(descriptor);
            assert.deepEqual(gathered(stage, descriptor), model.get(descriptor));
            stage.drop(descriptor);
          }
          assert.deepEqual(seen, [...model.keys()], 'each once, in the order of its first frame');
          stage.clear();
          model.clear();
        };
        for (const step of script) {
          if (step.kind === 'flush') flush();
          else if (step.kind === 'drop') {
            stage.drop(step.descriptor);
            model.delete(step.descriptor);
          } else {
            const { descriptor, bytes, isCommitted } = step;
            let at = stage.claim(descriptor, bytes.length);
            if (at === CLAIM_FULL) {
              flush();
              at = stage.claim(descriptor, bytes.length);
            }
            assert.ok(at > 0, 'an empty stage has room for any frame');
            for (const [i, byte] of bytes.entries()) stage.view.setUint8(at + i, byte);
            if (!isCommitted) continue; // the next claim takes its place
            stage.commit();
            model.set(descriptor, [...(model.get(descriptor) ?? []), ...bytes]);
          }
        }
        flush();
      }),
    );
  });

  it('is full after a bounded number of frames, and empty again after it was cleared', () => {
    const stage = new OutputStage(STAGE_BYTES_MIN, DESCRIPTORS);
    let frames = 0;
    for (; stage.claim(1, 1) !== CLAIM_FULL; frames++) stage.commit();
    assert.ok(frames > 1000 && frames < STAGE_BYTES_MIN, `${frames} frames`);
    stage.drop(1);
    stage.clear();
    assert.ok(stage.claim(1, 2049) > 0);
  });
});
