import type { Permission } from '../../src/common/config/config.js';
import { isLoopback } from '../../src/common/config/listen.js';

/** Whether the analyzer at this URL may ask for what the permission is about. */
export function isPermitted(permission: Permission, analyzer: string): boolean {
  if (permission !== 'local') return permission === 'always';
  return isLoopback(new URL(analyzer).hostname.replace(/^\[|\]$/g, ''));
}
