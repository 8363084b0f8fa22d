import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../common/clock.js';
import type { OidcConfig } from '../../../common/config/config.js';
import { CanopyError } from '../../../common/errors.js';
import { nameIn } from './claims.js';
import type { Bearer } from './provider.js';

/** Access tokens of a provider that programs show, as RFC 9068 has them. */
export interface Bearers {
  readonly keysUrl: string;
  /** `undefined` for what is no token for us, or none any more. Throws `UNAVAILABLE` where its key cannot be had, `FORBIDDEN` for who has no role. */
  identify(token: string): Promise<Bearer | undefined>;
}

export interface BearersOptions {
  readonly keysUrl: string;
  readonly issuer: string;
  readonly config: Pick<OidcConfig, 'audiences' | 'clockSkew' | 'nameClaim'>;
  readonly rolesOf: (name: string, claims: Readonly<Record<string, unknown>>) => readonly string[];
  readonly clock: Clock;
}

/** Only signatures with keys that the provider alone has; `none` and shared secrets are no proof. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

/** Keys are asked for again when a token names one that is not known, but not more often, ms; and after so long in any case. */
const KEYS_PAUSE_MS = 30_000;
const KEYS_KEPT_MS = 6 * 3_600_000;
const KEYS_ANSWER_MS = 10_000;

/** Tokens that were found good; nobody has to check a signature at each request. */
const KEPT_TOKENS = 10_000;

export async function openBearers({ keysUrl, issuer, config, rolesOf, clock }: BearersOptions): Promise<Bearers> {
  const { createRemoteJWKSet, errors, jwtVerify } = await import('jose');
  const keys = createRemoteJWKSet(new URL(keysUrl), {
    cooldownDuration: KEYS_PAUSE_MS,
    cacheMaxAge: KEYS_KEPT_MS,
    timeoutDuration: KEYS_ANSWER_MS,
  });
  const good = new LRUCache<string, Bearer>({ max: KEPT_TOKENS });
  const { audiences, clockSkew, nameClaim } = config;

  async function verified(token: string) {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: [...audiences],
        algorithms: ALGORITHMS,
        clockTolerance: Math.ceil(clockSkew / 1_000),
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'sub'],
      });
      return payload;
    } catch (error) {
      const isWrong =
        error instanceof errors.JWTClaimValidationFailed ||
        error instanceof errors.JWTExpired ||
        error instanceof errors.JWTInvalid ||
        error instanceof errors.JWSInvalid ||
        error instanceof errors.JWSSignatureVerificationFailed ||
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JOSEAlgNotAllowed ||
        error instanceof errors.JOSENotSupported;
      if (isWrong) return undefined;
      throw new CanopyError('UNAVAILABLE', `the keys of ${issuer} cannot be had at the moment: ${(error as Error).message}; try again`, {
        retriable: true,
        cause: error,
      });
    }
  }

  return {
    keysUrl,
    async identify(token) {
      const digest = createHash('sha256').update(token).digest('base64');
      const known = good.get(digest);
      if (known !== undefined) return known.isStillGood() ? known : undefined;
      const claims = await verified(token);
      // What was made for the sign-in of a browser is no access token, though it has the same issuer and may have the same audience.
      if (claims === undefined || claims.nonce !== undefined || claims.at_hash !== undefined) return undefined;
      const name = nameIn(claims, nameClaim);
      const until = claims.exp! * 1_000 + clockSkew;
      const bearer: Bearer = { name, roles: rolesOf(name, claims), isStillGood: () => clock.now() < until };
      good.set(digest, bearer);
      return bearer;
    },
  };
}
