import type { BlobReferences } from './blob-reference.ts';
import { PayloadReader, PayloadWriter, payloadRunTag } from './payload.ts';

export interface MadePayload {
  readonly sender: number;
  readonly number: number;
  readonly runTag: number;
  readonly dueWord?: number;
  readonly dueHigh?: number;
  readonly isSentAgain?: boolean;
  readonly isAfterRefusals?: boolean;
}

/** Writes the payload that a phone would have written; without `references` to no blob. */
export function writePayload(
  view: DataView,
  at: number,
  bytes: number,
  made: MadePayload,
  references?: BlobReferences,
): void {
  const writer = new PayloadWriter(made.runTag, references);
  writer.dueWord = made.dueWord ?? 0;
  writer.dueHigh = made.dueHigh ?? 0;
  writer.isSentAgain = made.isSentAgain ?? false;
  writer.isAfterRefusals = made.isAfterRefusals ?? false;
  writer.write(view, at, bytes, made.sender, made.number);
}

/** Whether a payload is intact for a recipient in the run that wrote it. */
export function isPayloadIntact(
  view: DataView,
  at: number,
  bytes: number,
  sender: number,
  references?: BlobReferences,
): boolean {
  const runTag = bytes < 16 ? 0 : payloadRunTag(view, at);
  return new PayloadReader(runTag, references).isIntact(view, at, bytes, sender);
}
