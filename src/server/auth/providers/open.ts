import type { Clock } from '../../../common/clock.js';
import type { AuthConfig } from '../../../common/config/config.js';
import type { Log } from '../../../common/log.js';
import { openKeystone } from './keystone.js';
import { openOidc, type OidcProvider } from './oidc.js';
import type { Provider } from './provider.js';

export interface ProvidersOptions {
  readonly auth: AuthConfig;
  readonly hasRole: (role: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Everybody else who knows people, as configured. Throws `CONFIG_INVALID`. */
export function openProviders({ auth, ...parts }: ProvidersOptions): {
  readonly oidc: OidcProvider | undefined;
  readonly providers: Provider[];
} {
  const oidc = openOidc({ config: auth.oidc, commonRole: auth.defaultRole, ...parts });
  const keystone = openKeystone({ config: auth.keystone, commonRole: auth.defaultRole, ...parts });
  return { oidc, providers: [oidc, keystone].filter((provider) => provider !== undefined) };
}
