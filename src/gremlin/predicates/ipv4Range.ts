const ADDRESS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

interface Parsed {
  readonly address: number;
  readonly prefix: number | undefined;
}

function parse(text: string): Parsed | undefined {
  const found = ADDRESS.exec(text);
  if (found === null) return undefined;
  let address = 0;
  for (let place = 1; place <= 4; place++) {
    const byte = Number(found[place]);
    if (byte > 255) return undefined;
    address = address * 256 + byte;
  }
  const prefix = found[5] === undefined ? undefined : Number(found[5]);
  return prefix !== undefined && prefix > 32 ? undefined : { address, prefix };
}

/** Whether a text is an IPv4 address, with or without prefix length, inside the network. `undefined` for what is no network. */
export function compileIpv4Range(network: string): ((text: string) => boolean) | undefined {
  const range = parse(network);
  if (range?.prefix === undefined) return undefined;
  const size = 2 ** (32 - range.prefix);
  const first = Math.floor(range.address / size);
  return (text) => {
    const parsed = parse(text);
    return parsed !== undefined && Math.floor(parsed.address / size) === first;
  };
}
