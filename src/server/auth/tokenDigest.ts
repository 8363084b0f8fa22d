import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** Tokens whose digest is kept. Programs show the same one with every request, and hashing costs as much as the rest of letting them in. */
const KEPT_TOKENS = 10_000;

const digests = new LRUCache<string, Buffer>({ max: KEPT_TOKENS });

/** SHA-256 of a token: what is compared, so that the time it takes says nothing of how far one was right. */
export function tokenDigest(token: string): Buffer {
  let digest = digests.get(token);
  if (digest === undefined) digests.set(token, (digest = createHash('sha256').update(token).digest()));
  return digest;
}
