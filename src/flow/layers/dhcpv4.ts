/** What is kept of a DHCPv4 message, with Skydive's JSON keys; a key is left out when it is empty. Texts are cut at their first NUL. */
export interface Dhcpv4Layer {
  readonly file?: string;
  readonly flags?: number;
  readonly hardware_len?: number;
  readonly hardware_opts?: number;
  readonly server_name?: string;
  readonly secs?: number;
}
