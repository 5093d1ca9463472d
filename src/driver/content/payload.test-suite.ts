import { PayloadWriter } from './payload.ts';

export interface MadePayload {
  readonly sender: number;
  readonly number: number;
  readonly runTag: number;
  readonly dueWord?: number;
  readonly dueHigh?: number;
  readonly isSentAgain?: boolean;
  readonly isAfterRefusals?: boolean;
}

/** Writes the payload that a phone would have written. */
export function writePayload(view: DataView, at: number, bytes: number, made: MadePayload): void {
  const writer = new PayloadWriter(made.runTag);
  writer.dueWord = made.dueWord ?? 0;
  writer.dueHigh = made.dueHigh ?? 0;
  writer.isSentAgain = made.isSentAgain ?? false;
  writer.isAfterRefusals = made.isAfterRefusals ?? false;
  writer.write(view, at, bytes, made.sender, made.number);
}
