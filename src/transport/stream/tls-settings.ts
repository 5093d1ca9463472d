/** TLS as a scenario asks for it: what each side has to know. */

export interface SwitchTls {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

export interface PhoneTls {
  /** Certificates that are trusted, PEM; null for those that Node trusts. */
  readonly ca: string | null;
  readonly rejectUnauthorized: boolean;
}
