/** What is kept of a DHCPv4 message, with Skydive's JSON keys; a key is left out when it is empty. Texts are cut at their first NUL. */
export interface Dhcpv4Layer {
  readonly file?: string;
  readonly flags?: number;
  readonly hardware_len?: number;
  readonly hardware_opts?: number;
  readonly server_name?: string;
  readonly secs?: number;
}

const text = (bytes: Uint8Array, from: number, length: number): string => {
  const field = Buffer.from(bytes.subarray(from, from + length));
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
};

/** Reads a message that the decoder found to be whole, RFC 2131 §2. */
export function readDhcpv4(bytes: Uint8Array, start: number): Dhcpv4Layer {
  const file = text(bytes, start + 108, 128);
  const flags = (bytes[start + 10]! << 8) | bytes[start + 11]!;
  const hardware_len = bytes[start + 2]!;
  const hardware_opts = bytes[start + 3]!;
  const server_name = text(bytes, start + 44, 64);
  const secs = (bytes[start + 8]! << 8) | bytes[start + 9]!;
  return {
    ...(file !== '' && { file }),
    ...(flags !== 0 && { flags }),
    ...(hardware_len !== 0 && { hardware_len }),
    ...(hardware_opts !== 0 && { hardware_opts }),
    ...(server_name !== '' && { server_name }),
    ...(secs !== 0 && { secs }),
  };
}
