/** Issues the tokens that prove account numbers to the switch. */
export interface TokenSigner {
  /** Length of every token; 0 if the switch requires none. */
  readonly tokenBytes: number;
  sign(account: number, view: DataView, at: number): void;
}
