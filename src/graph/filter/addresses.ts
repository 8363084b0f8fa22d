import type { Json } from '../../common/json.js';
import type { NodeRevision } from '../element.js';

const textsOf = (value: Json | undefined): readonly string[] => {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? (value as readonly Json[]).filter((entry) => typeof entry === 'string') : [];
};

/** The hardware address in lower case, however the probe writes it. */
export const macOf = ({ metadata }: NodeRevision): string | undefined =>
  typeof metadata.MAC === 'string' ? metadata.MAC.toLowerCase() : undefined;

/** Addresses with their prefix lengths, IPv4 first. */
export const addressesOf = ({ metadata }: NodeRevision): readonly string[] => [...textsOf(metadata.IPV4), ...textsOf(metadata.IPV6)];
