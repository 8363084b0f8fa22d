import type { InjectionMode, InjectionType } from '../../protocol/injection.js';
import type { Injection, InjectionRequest, Sending } from './injection.js';

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

/** What one node sends, as people read it. */
export type SendingView = ReturnType<typeof sendingView>;

const sendingView = ({ node, state, sent, error, trackingId, srcIp, dstIp }: Sending) => ({
  nodeId: node,
  state,
  sent,
  error,
  trackingId,
  srcIp,
  dstIp,
});

/** An injection as people read it. */
export type InjectionView = ReturnType<typeof injectionView>;

export const injectionView = ({ node, type, mode, sendings, ...injection }: Injection) => ({
  ...injection,
  sendings: sendings.map(sendingView),
  nodeId: node,
  type: type.toUpperCase(),
  mode: mode.toUpperCase(),
});
