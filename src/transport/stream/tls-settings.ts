/** The TLS settings of each side. */

export interface SwitchTls {
  /** Key and certificate in PEM. */
  readonly key: string;
  readonly cert: string;
}

export interface PhoneTls {
  /** Trusted certificates in PEM; null for those that Node trusts. */
  readonly ca: string | null;
  readonly rejectUnauthorized: boolean;
}
