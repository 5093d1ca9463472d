import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FRAME_BYTES_MAX, FRAME_TYPES, FrameType, HEADER_BYTES } from '../../wire/frames.ts';
import { InputKind } from '../../wire/phone-protocol.ts';
import { inputKindOf } from './input-kind-of.ts';

const KINDS = new Map<number, number>([
  [FrameType.LOGIN_RESULT, InputKind.LOGIN],
  [FrameType.ACKNOWLEDGED, InputKind.ANSWER],
  [FrameType.RECEIPT, InputKind.ANSWER],
  [FrameType.PRESENCE, InputKind.PRESENCE],
]);

describe('what input of a phone is about', () => {
  it('follows from the type of its first frame, for every byte that it may begin with', () => {
    const view = new DataView(new ArrayBuffer(FRAME_BYTES_MAX));
    for (let first = 0; first < 256; first++) {
      view.setUint8(3, first);
      const type = first % FRAME_TYPES;
      assert.equal(inputKindOf(view, 3, 3 + HEADER_BYTES + 4), KINDS.get(type) ?? InputKind.OTHER, `type ${type}`);
    }
  });

  it('is not known of a part of a frame, or of none', () => {
    const view = new DataView(new ArrayBuffer(8));
    view.setUint8(0, FrameType.RECEIPT);
    for (let bytes = 0; bytes < HEADER_BYTES + 4; bytes++)
      assert.equal(inputKindOf(view, 0, bytes), InputKind.OTHER, `${bytes} bytes`);
  });
});
