import { GraphQLScalarType } from 'graphql';
import ipaddr from 'ipaddr.js';
import { invalidScalar, literalOf } from './invalid.js';

/** A scalar that is a text of a certain form, outside and inside. */
function textScalar(
  name: string,
  description: string,
  valid: string,
  normalize: (text: string) => string | undefined,
): GraphQLScalarType<string, string> {
  const parse = (value: unknown): string => {
    const text = typeof value === 'string' ? normalize(value) : undefined;
    if (text === undefined) throw invalidScalar(value, valid);
    return text;
  };
  // What a probe or publisher wrote is shown as it is: an odd address is a fact to see, not a reason to fail a picture.
  return new GraphQLScalarType({
    name,
    description,
    serialize: (value) => value as string,
    parseValue: parse,
    parseLiteral: (node) => parse(literalOf(node, valid)),
  });
}

/** IEEE 802 address of 48 bits. */
export const MAC = textScalar(
  'MAC',
  'A hardware address in lower case with colons: `02:42:ac:11:00:02`. As input also upper case and dashes.',
  'a MAC address such as 02:42:ac:11:00:02',
  (text) => (/^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(text) ? text.toLowerCase().replaceAll('-', ':') : undefined),
);

/** IPv4 or IPv6 address. */
export const IPAddress = textScalar(
  'IPAddress',
  'An IPv4 or IPv6 address without prefix length: `10.0.0.1`, `fe80::1`.',
  'an IPv4 or IPv6 address such as 10.0.0.1 or fe80::1',
  (text) => (ipaddr.isValid(text) && (text.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(text)) ? text : undefined),
);

/** Address with prefix length. */
export const CIDR = textScalar(
  'CIDR',
  'An address with its prefix length, as an interface has it, or a network: `10.0.0.1/24`, `fd00::/8`.',
  'an address with prefix length such as 10.0.0.1/24 or fd00::/8',
  (text) => (ipaddr.isValidCIDR(text) ? text : undefined),
);
