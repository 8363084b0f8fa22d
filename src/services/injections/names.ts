import type { InjectionMode, InjectionType } from '../../protocol/injection.js';
import type { Injection, InjectionRequest } from './injection.js';

/** What people write: the same names in capitals. */
export interface NamedInjection extends Omit<InjectionRequest, 'type' | 'mode'> {
  readonly type?: string | null;
  readonly mode?: string | null;
}

/** The request with the names that agents know. */
export const requestOf = ({ type, mode, ...request }: NamedInjection): InjectionRequest => ({
  ...request,
  type: (type ?? 'icmp4').toLowerCase() as InjectionType,
  mode: (mode ?? 'unique').toLowerCase() as InjectionMode,
});

/** An injection as people read it. */
export type InjectionView = ReturnType<typeof injectionView>;

export const injectionView = ({ node, type, mode, ...injection }: Injection) => ({
  ...injection,
  nodeId: node,
  type: type.toUpperCase(),
  mode: mode.toUpperCase(),
});
