/** What is kept of a VRRPv2 announcement, with Skydive's JSON keys; a key is left out when it is 0. */
export interface Vrrpv2Layer {
  /** Seconds. */
  readonly adver_int?: number;
  readonly priority?: number;
  readonly version?: number;
  readonly virtual_rtrID?: number;
}

/** Reads an announcement that the decoder found to be whole, RFC 3768 §5.1. */
export function readVrrpv2(bytes: Uint8Array, start: number): Vrrpv2Layer {
  const [version, virtual_rtrID, priority, adver_int] = [bytes[start]! >> 4, bytes[start + 1]!, bytes[start + 2]!, bytes[start + 5]!];
  return {
    ...(adver_int !== 0 && { adver_int }),
    ...(priority !== 0 && { priority }),
    ...(version !== 0 && { version }),
    ...(virtual_rtrID !== 0 && { virtual_rtrID }),
  };
}
