/** Proves account numbers to the switch. */
export interface TokenSigner {
  /** Length of every token, 0 where the switch wants none. */
  readonly tokenBytes: number;
  sign(account: number, view: DataView, at: number): void;
}
