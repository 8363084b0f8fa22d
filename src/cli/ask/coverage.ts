/** What was watched, as answers about a stretch of time say it. */
export interface Coverage {
  readonly complete: boolean;
  readonly gaps: readonly Gap[];
}

export interface Gap {
  readonly from: string;
  readonly to: string | null;
  readonly reason: string;
  readonly host: string | null;
  readonly probe: string | null;
}

/** `2026-…Z to 2026-…Z web-1 netlink (PROBE_DOWN)`. */
export const describeGap = ({ from, to, reason, host, probe }: Gap): string =>
  [from, 'to', to ?? 'now', host, probe, `(${reason})`].filter((part) => part !== null).join(' ');
