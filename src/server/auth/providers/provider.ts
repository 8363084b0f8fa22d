import type { Clock } from '../../../common/clock.js';
import type { Log } from '../../../common/log.js';
import type { Awaitable } from '../../../services/awaitable.js';

/** Where somebody is known, other than in our own file of users. */
export type Source = 'oidc' | 'keystone';

/** Somebody whom a provider knows. */
export interface Known {
  readonly name: string;
  /** Ours, for the groups or roles there. */
  readonly roles: readonly string[];
  /** With what the provider is asked again whether that is still so, and told that they left. Kept in a file for its owner only. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Whether it can be asked again: not every provider gives what that takes. */
  readonly canRenew: boolean;
}

/** Who shows a token that the provider itself gave. */
export interface Bearer {
  readonly name: string;
  readonly roles: readonly string[];
  /** Whether the token is good at this moment. */
  isStillGood(): boolean;
}

/** What a provider is opened with. */
export interface ProviderOptions<Config> {
  readonly config: Config;
  /** Role of everybody, where no group or role there has one. */
  readonly commonRole: string;
  readonly hasRole: (role: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** How a provider fares. */
export interface ProviderStatus {
  readonly source: Source;
  /** What people know it by. */
  readonly name: string;
  readonly url: string;
  /** `AWAY`: it does not answer as it should, and is tried again. */
  readonly state: 'CONNECTING' | 'READY' | 'AWAY';
  /** Why it is away, for people. */
  readonly error: string | undefined;
}

/** Somebody else who knows people. Every call throws `UNAVAILABLE`, retriable, while it cannot be reached. */
export interface Provider {
  readonly source: Source;
  status(): ProviderStatus;
  /** Who has this name and password, and the token that comes with it, for `withToken`; `undefined` for nobody. Throws `FORBIDDEN` for somebody who has no role here. */
  withPassword?(name: string, password: string): Promise<(Known & { readonly token: string }) | undefined>;
  /** Who shows this token; `undefined` for what is none of its tokens. */
  withToken?(token: string): Awaitable<Bearer | undefined>;
  /** Whether somebody may still come in, and as whom; `undefined` for who may not. */
  again(secrets: Known['secrets']): Promise<Known | undefined>;
  close(): void;
}
