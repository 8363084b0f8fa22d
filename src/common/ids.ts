import { randomUUID } from 'node:crypto';
import { v5 as uuidV5 } from 'uuid';

/** Namespace of every named id, RFC 9562 §6.6 (OID): the one Skydive uses, so ids agree with old data. */
const OID_NAMESPACE = '6ba7b812-9dad-11d1-80b4-00c04fd430c8';

/** A random UUID (version 4). */
export const randomId = (): string => randomUUID();

/** UUID version 5 of the parts joined with `/`: the same parts give the same id everywhere. */
export const namedId = (...parts: string[]): string => uuidV5(parts.join('/'), OID_NAMESPACE);

/** UUID version 5 of the parts put together without a separator: ids of edges made from their ends, and topological ids (`TID`). */
export const concatenatedId = (...parts: string[]): string => uuidV5(parts.join(''), OID_NAMESPACE);
