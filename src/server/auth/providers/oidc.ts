import type * as OpenIdClient from 'openid-client';
import type { Cancel } from '../../../common/clock.js';
import type { OidcConfig } from '../../../common/config/config.js';
import { isLoopback } from '../../../common/config/listen.js';
import { readPassword } from '../../../common/config/tokens.js';
import { CanopyError } from '../../../common/errors.js';
import { openBearers, type Bearers } from './bearers.js';
import type { Known, Provider, ProviderOptions, ProviderStatus } from './provider.js';
import { nameIn } from './claims.js';
import { claimAt, openRoleMap, textsAt } from './roles.js';

/** What a sign-in that has begun is recognised by when the browser comes back; only that browser has it. */
export interface Begun {
  readonly state: string;
  readonly nonce: string;
  /** RFC 7636. */
  readonly verifier: string;
}

/** What somebody types, and where, to sign in for a program. RFC 8628 §3.2. */
export interface DeviceCode {
  readonly userCode: string;
  readonly verificationUri: string;
  /** The same with the code in it, where the provider has one. */
  readonly verificationUriComplete: string | undefined;
  readonly expiresInSeconds: number;
  /** For `waitForDevice`. */
  readonly device: Readonly<Record<string, unknown>>;
}

export interface OidcProvider extends Provider {
  readonly source: 'oidc';
  /** Where a browser signs in, and what has to be kept until it comes back to the redirect address. */
  begin(redirect: string): Promise<{ readonly url: string; readonly begun: Begun }>;
  /** Who came back. Throws `UNAUTHENTICATED` where the answer is none to what was begun, `FORBIDDEN` where the provider or the roles say no. */
  finish(returned: URL, begun: Begun): Promise<Known>;
  /** Throws `BAD_INPUT` where the provider has no such thing. */
  beginDevice(): Promise<DeviceCode>;
  /** `undefined` while nobody has typed the code and the signal is not aborted before. Throws as `finish` does. */
  waitForDevice(device: DeviceCode['device'], signal: AbortSignal): Promise<Known | undefined>;
  /** Where a browser signs out of the provider too; `undefined` where it offers no such address. */
  leaveUrl(secrets: Known['secrets'], returnTo: string): string | undefined;
}

/** Seconds that the provider may take for one answer. */
const ANSWER_SECONDS = 10;

/** Until a provider that does not answer is tried again, and until what it says of itself is read anew, ms. */
const RETRY_MS = 5_000;
const REFRESH_MS = 3_600_000;

/** `undefined` where no provider is configured. Throws `CONFIG_INVALID`; that the provider cannot be reached is no error, it is tried again. */
export function openOidc(options: ProviderOptions<OidcConfig>): OidcProvider | undefined {
  const { issuer, clientId } = options.config;
  if (issuer === undefined && clientId === undefined) return undefined;
  if (issuer === undefined || clientId === undefined)
    throw new CanopyError('CONFIG_INVALID', 'auth.oidc.issuer and auth.oidc.clientId go together: one of them is missing');
  const { protocol, hostname } = new URL(issuer);
  if (protocol !== 'https:' && !isLoopback(hostname.replace(/^\[|\]$/g, '')))
    throw new CanopyError(
      'CONFIG_INVALID',
      `auth.oidc.issuer: '${issuer}' has to be https: who listens on the way could sign in as anybody`,
    );
  return new Oidc(options, issuer, clientId);
}

class Oidc implements OidcProvider {
  readonly source = 'oidc';
  readonly #roles;
  readonly #secret: string | undefined;
  #library: typeof OpenIdClient | undefined;
  #found: OpenIdClient.Configuration | undefined;
  #bearers: Bearers | undefined;
  #finding: Promise<void> | undefined;
  #error: string | undefined;
  #nextLook: Cancel = () => undefined;
  #isClosed = false;

  constructor(
    private readonly options: ProviderOptions<OidcConfig>,
    private readonly issuer: string,
    private readonly clientId: string,
  ) {
    const { config, commonRole, hasRole } = options;
    this.#roles = openRoleMap({ key: 'auth.oidc', roles: config.roles, defaultRole: config.defaultRole, commonRole, hasRole });
    this.#secret = readPassword(config.clientSecret);
    void this.#find();
  }

  status(): ProviderStatus {
    const state = this.#error !== undefined ? 'AWAY' : this.#found === undefined ? 'CONNECTING' : 'READY';
    return { source: 'oidc', name: this.options.config.name, url: this.issuer, state, error: this.#error };
  }

  async begin(redirect: string): Promise<{ readonly url: string; readonly begun: Begun }> {
    const { library, found } = await this.#ready();
    const begun = { state: library.randomState(), nonce: library.randomNonce(), verifier: library.randomPKCECodeVerifier() };
    const url = library.buildAuthorizationUrl(found, {
      redirect_uri: redirect,
      scope: this.#scope(found),
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: await library.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, begun };
  }

  async finish(returned: URL, { state, nonce, verifier }: Begun): Promise<Known> {
    const { library, found } = await this.#ready();
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    return this.#known(await this.#asked(library, () => library.authorizationCodeGrant(found, returned, checks)));
  }

  async beginDevice(): Promise<DeviceCode> {
    const { library, found } = await this.#ready();
    if (found.serverMetadata().device_authorization_endpoint === undefined)
      throw new CanopyError(
        'BAD_INPUT',
        `${this.options.config.name} offers no sign-in for programs: use a token of \`canopy token create\``,
      );
    const device = await this.#asked(library, () => library.initiateDeviceAuthorization(found, { scope: this.#scope(found) }));
    return {
      userCode: device.user_code,
      verificationUri: device.verification_uri,
      verificationUriComplete: device.verification_uri_complete,
      expiresInSeconds: device.expires_in,
      device,
    };
  }

  async waitForDevice(device: DeviceCode['device'], signal: AbortSignal): Promise<Known | undefined> {
    const { library, found } = await this.#ready();
    try {
      const tokens = await this.#asked(library, () =>
        library.pollDeviceAuthorizationGrant(found, device as OpenIdClient.DeviceAuthorizationResponse, undefined, { signal }),
      );
      return await this.#known(tokens);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async again(secrets: Known['secrets']): Promise<Known | undefined> {
    const { library, found } = await this.#ready();
    try {
      const tokens = await this.#asked(library, () => library.refreshTokenGrant(found, secrets.refreshToken!));
      return await this.#known(tokens, secrets);
    } catch (error) {
      if (error instanceof CanopyError && error.code === 'UNAUTHENTICATED') return undefined;
      throw error;
    }
  }

  async withToken(token: string) {
    if (this.options.config.audiences.length === 0 || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
    if (this.#bearers === undefined) await this.#ready();
    return this.#bearers?.identify(token);
  }

  leaveUrl({ idToken }: Known['secrets'], returnTo: string): string | undefined {
    if (this.#found?.serverMetadata().end_session_endpoint === undefined) return undefined;
    return this.#library!.buildEndSessionUrl(this.#found, {
      post_logout_redirect_uri: returnTo,
      ...(idToken !== undefined && { id_token_hint: idToken }),
    }).href;
  }

  close(): void {
    this.#isClosed = true;
    this.#nextLook();
  }

  /** What the provider says of itself, as soon as it has said it; while it is away each asker has it tried. */
  async #ready(): Promise<{ readonly library: typeof OpenIdClient; readonly found: OpenIdClient.Configuration }> {
    if (this.#found === undefined) await this.#find();
    if (this.#found !== undefined) return { library: this.#library!, found: this.#found };
    throw this.#away(this.#error ?? 'it has not answered yet');
  }

  #find(): Promise<void> {
    return (this.#finding ??= this.#look().finally(() => (this.#finding = undefined)));
  }

  async #look(): Promise<void> {
    const { log } = this.options;
    this.#nextLook();
    try {
      const found = await this.#discovered();
      if (this.#error !== undefined || this.#found === undefined) log.info({ issuer: this.issuer }, 'people can sign in at the provider');
      this.#bearers = await this.#bearersOf(found);
      this.#found = found;
      this.#error = undefined;
    } catch (error) {
      // What it said before stays in force.
      const reason = reasonOf(error);
      if (this.#error === undefined)
        log.warn({ issuer: this.issuer, reason }, 'the provider of OpenID Connect cannot be used; it is tried again');
      this.#error = reason;
    }
    if (this.#isClosed) return;
    this.#nextLook = this.options.clock.after(this.#error === undefined ? REFRESH_MS : RETRY_MS, () => void this.#find());
  }

  async #discovered(): Promise<OpenIdClient.Configuration> {
    const library = (this.#library ??= await import('openid-client'));
    const issuer = new URL(this.issuer);
    const insecure = issuer.protocol === 'http:' ? [library.allowInsecureRequests] : [];
    return library.discovery(
      issuer,
      this.clientId,
      { [library.clockTolerance]: Math.ceil(this.options.config.clockSkew / 1_000) },
      authenticationOf(library, this.#secret),
      { execute: [library.enableNonRepudiationChecks, ...insecure], timeout: ANSWER_SECONDS },
    );
  }

  /** The keys that are known stay known, unless the provider has them elsewhere. */
  async #bearersOf(found: OpenIdClient.Configuration): Promise<Bearers | undefined> {
    const { config, clock } = this.options;
    const { jwks_uri: keysUrl, issuer } = found.serverMetadata();
    if (config.audiences.length === 0 || keysUrl === undefined || this.#bearers?.keysUrl === keysUrl) return this.#bearers;
    return openBearers({ keysUrl, issuer, config, rolesOf: (name, claims) => this.#rolesOf(name, claims), clock });
  }

  #scope(found: OpenIdClient.Configuration): string {
    const offered = found.serverMetadata().scopes_supported;
    // Some refuse whoever asks for more than they have.
    return this.options.config.scopes.filter((scope) => scope !== 'offline_access' || offered?.includes(scope) === true).join(' ');
  }

  async #known(tokens: Tokens, before?: Known['secrets']): Promise<Known> {
    const claims = tokens.claims();
    const subject = claims?.sub ?? before?.subject;
    if (subject === undefined || (before !== undefined && subject !== before.subject))
      throw new CanopyError('UNAUTHENTICATED', `${this.options.config.name} answered for somebody else: sign in again`);
    const all = { ...claims, ...(await this.#told(tokens, subject, claims)) };
    const name = nameIn(all, this.options.config.nameClaim);
    const refreshToken = tokens.refresh_token ?? before?.refreshToken;
    const idToken = tokens.id_token ?? before?.idToken;
    const secrets = { subject, ...(refreshToken !== undefined && { refreshToken }), ...(idToken !== undefined && { idToken }) };
    return { name, roles: this.#rolesOf(name, all), secrets, canRenew: refreshToken !== undefined };
  }

  /** What the provider tells when it is asked, where the token does not say all. */
  async #told(tokens: Tokens, subject: string, claims: Claims | undefined): Promise<Claims | undefined> {
    const { nameClaim, groupsClaim } = this.options.config;
    const { library, found } = await this.#ready();
    const isAll = claims !== undefined && [nameClaim, groupsClaim].every((path) => claimAt(claims, path) !== undefined);
    if (isAll || found.serverMetadata().userinfo_endpoint === undefined) return undefined;
    return this.#asked(library, () => library.fetchUserInfo(found, tokens.access_token, subject));
  }

  #rolesOf(name: string, claims: Claims): readonly string[] {
    return this.#roles.of(name, textsAt(claims, this.options.config.groupsClaim));
  }

  async #asked<T>(library: typeof OpenIdClient, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw this.#explained(library, error);
    }
  }

  /** What went wrong at the provider, and what to do about it. */
  #explained(library: typeof OpenIdClient, error: unknown): Error {
    const { name } = this.options.config;
    if (error instanceof library.AuthorizationResponseError)
      return new CanopyError('FORBIDDEN', `${name} refused: ${error.error_description ?? error.error}`, { cause: error });
    if (error instanceof library.ResponseBodyError) {
      const said = error.error_description ?? error.error;
      if (CLIENT_FAULTS.has(error.error))
        return this.#away(`it does not take auth.oidc.clientId and auth.oidc.clientSecret: ${said}`, error);
      if (error.status < 500 && !PROVIDER_FAULTS.has(error.error))
        return new CanopyError('UNAUTHENTICATED', `${name} says: ${said}; sign in again`, { cause: error });
      return this.#away(said, error);
    }
    const { code } = error as { readonly code?: string };
    if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED')
      return new CanopyError(
        'UNAUTHENTICATED',
        `the clocks of ${name} and of this analyzer differ: set them right, or raise auth.oidc.clockSkew`,
        {
          cause: error,
        },
      );
    if (code !== undefined && ANSWER_FAULTS.has(code))
      return new CanopyError('UNAUTHENTICATED', `what ${name} answered does not belong to this sign-in: sign in again`, { cause: error });
    return this.#away(reasonOf(error), error);
  }

  #away(reason: string, cause?: unknown): CanopyError {
    return new CanopyError(
      'UNAVAILABLE',
      `${this.options.config.name} (${this.issuer}) cannot be used at the moment: ${reason}; try again`,
      {
        retriable: true,
        cause,
      },
    );
  }
}

type Tokens = OpenIdClient.TokenEndpointResponse & OpenIdClient.TokenEndpointResponseHelpers;
type Claims = Readonly<Record<string, unknown>>;

/** RFC 6749 §5.2: it is us whom the provider refuses. */
const CLIENT_FAULTS = new Set(['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope']);

/** RFC 6749 §4.1.2.1: it is the provider that fails, whatever status it says so with. */
const PROVIDER_FAULTS = new Set(['server_error', 'temporarily_unavailable']);

/** Codes of openid-client: the answer is not to what was asked. */
const ANSWER_FAULTS = new Set(['OAUTH_INVALID_RESPONSE', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'OAUTH_MISSING_SERVER_METADATA']);

/** As the provider wants it. RFC 6749 §2.3.1 says that it takes the first. */
function authenticationOf(library: typeof OpenIdClient, secret: string | undefined): OpenIdClient.ClientAuth {
  if (secret === undefined) return library.None();
  const basic = library.ClientSecretBasic(secret);
  const post = library.ClientSecretPost(secret);
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_basic') ? basic : post)(server, client, body, headers);
  };
}

/** The innermost reason: `fetch failed` says nothing. */
function reasonOf(error: unknown): string {
  const { message, code, cause } = error as Error & { readonly code?: string };
  if (cause instanceof Response) return `${message}: ${cause.status}`;
  if (cause instanceof Error) return reasonOf(cause);
  return message === '' ? (code ?? 'no reason given') : message;
}
