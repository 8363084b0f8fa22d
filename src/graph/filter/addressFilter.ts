import ipaddr from 'ipaddr.js';
import { badValue } from './badValue.js';
import { all, existsTest, given, type Maybe, type ValueTest } from './valueTest.js';

/** Values are addresses, with or without a prefix length. */
export interface AddressFilter {
  readonly eq?: Maybe<string>;
  /** Network in CIDR notation. */
  readonly within?: Maybe<string>;
  readonly exists?: Maybe<boolean>;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Throws `BAD_INPUT` for what is no address or network. */
export function compileAddress(filter: AddressFilter, field: string): ValueTest {
  const tests: ValueTest[] = [];
  const any = (test: (address: Address) => boolean): void =>
    void tests.push((values) =>
      values.some((value) => {
        const address = typeof value === 'string' ? parseAddress(value) : undefined;
        return address !== undefined && test(address);
      }),
    );
  const { eq, within, exists } = filter;
  if (given(eq)) {
    const wanted = parseAddress(eq);
    if (wanted === undefined) throw badValue(`${field}.eq`, eq, 'an IPv4 or IPv6 address');
    const wantedText = wanted.toNormalizedString();
    any((address) => address.toNormalizedString() === wantedText);
  }
  if (given(within)) {
    const [network, prefix] = parseNetwork(within, `${field}.within`);
    any((address) => address.kind() === network.kind() && address.match(network as never, prefix));
  }
  if (given(exists)) tests.push(existsTest(exists));
  return all(tests);
}

/** Takes `10.0.0.1`, `10.0.0.1/24`, `fe80::1/64`; an IPv4 address inside IPv6 counts as IPv4. `undefined` for anything else. */
export function parseAddress(text: string): Address | undefined {
  const slash = text.indexOf('/');
  const bare = slash < 0 ? text : text.slice(0, slash);
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
}

function parseNetwork(text: string, field: string): [Address, number] {
  try {
    return ipaddr.parseCIDR(text);
  } catch {
    throw badValue(field, text, 'a network in CIDR notation, such as 10.0.0.0/8 or fd00::/8');
  }
}
