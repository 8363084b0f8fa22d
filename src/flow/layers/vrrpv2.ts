/** What is kept of a VRRPv2 announcement, with Skydive's JSON keys; a key is left out when it is 0. */
export interface Vrrpv2Layer {
  /** Seconds. */
  readonly adver_int?: number;
  readonly priority?: number;
  readonly version?: number;
  readonly virtual_rtrID?: number;
}
