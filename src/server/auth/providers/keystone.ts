import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Cancel } from '../../../common/clock.js';
import type { KeystoneConfig } from '../../../common/config/config.js';
import { CanopyError } from '../../../common/errors.js';
import { openKeystoneDoor, type KeystoneDoor, type KeystoneToken } from './keystoneDoor.js';
import type { Bearer, Known, Provider, ProviderOptions, ProviderStatus } from './provider.js';
import { areSame, openRoleMap, type RoleMap } from './roles.js';

/** Milliseconds for which the word of Keystone on a token is believed, good or bad. */
const BELIEVED_MS = 60_000;
const KEPT_TOKENS = 10_000;

/** Tokens that may be asked about at once. */
const ASKED_AT_ONCE = 20;

/** Until a Keystone that does not answer is tried again, and until one that does is looked at anew, ms. */
const RETRY_MS = 5_000;
const LOOK_MS = 300_000;

/** Fernet, JWS or UUID: what is shaped otherwise is somebody's password, and is not told to others. */
const TOKEN = /^(?:gAAAAA[\w-]+=*|eyJ[\w-]+\.[\w-]+\.[\w-]+|[0-9a-f]{32})$/;

/** `undefined` where no Keystone is configured. Throws `CONFIG_INVALID`; that it cannot be reached is no error, it is tried again. */
export const openKeystone = (options: ProviderOptions<KeystoneConfig>): Provider | undefined =>
  options.config.url === undefined ? undefined : new Keystone(options, options.config.url);

interface Asked {
  readonly bearer: Bearer | undefined;
  readonly at: number;
}

class Keystone implements Provider {
  readonly source = 'keystone';
  readonly #roles: RoleMap;
  readonly #door: KeystoneDoor;
  readonly #asked = new LRUCache<string, Asked>({ max: KEPT_TOKENS });
  readonly #asking = new Map<string, Promise<Bearer | undefined>>();
  #state: ProviderStatus['state'] = 'CONNECTING';
  #error: string | undefined;
  #nextLook: Cancel = () => undefined;
  #isClosed = false;

  constructor(
    private readonly options: ProviderOptions<KeystoneConfig>,
    private readonly url: string,
  ) {
    const { config, commonRole, hasRole } = options;
    this.#roles = openRoleMap({ key: 'auth.keystone', roles: config.roles, defaultRole: config.defaultRole, commonRole, hasRole });
    this.#door = openKeystoneDoor({ ...config, url });
    void this.#look();
  }

  status(): ProviderStatus {
    return { source: 'keystone', name: 'Keystone', url: this.url, state: this.#state, error: this.#error };
  }

  async withPassword(name: string, password: string): Promise<(Known & { readonly token: string }) | undefined> {
    const token = await this.#heard(() => this.#door.signIn(name, password));
    return token && { ...this.#known(token), token: token.id };
  }

  async withToken(token: string): Promise<Bearer | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const key = createHash('sha256').update(token).digest('base64');
    const asked = this.#asked.get(key);
    if (asked !== undefined && this.options.clock.monotonic() - asked.at < BELIEVED_MS) return asked.bearer;
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      if (this.#asking.size >= ASKED_AT_ONCE)
        throw new CanopyError('UNAVAILABLE', 'too many tokens to ask Keystone about; try again', { retriable: true });
      asking = this.#askAbout(key, token).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return asking;
  }

  async again({ token }: Known['secrets']): Promise<Known | undefined> {
    const found = await this.#heard(() => this.#door.look(token!));
    return found && this.#isOurs(found) ? this.#known(found) : undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#nextLook();
  }

  async #askAbout(key: string, token: string): Promise<Bearer | undefined> {
    const { clock } = this.options;
    const found = await this.#heard(() => this.#door.look(token));
    const bearer = found === undefined || !this.#isOurs(found) ? undefined : this.#bearer(key, token, found);
    this.#asked.set(key, { bearer, at: clock.monotonic() });
    return bearer;
  }

  #bearer(key: string, token: string, { name, roles: theirs, expiresAt }: KeystoneToken): Bearer {
    const { clock } = this.options;
    const roles = this.#roles.of(name, theirs);
    return {
      name,
      roles,
      isStillGood: () => {
        // Whoever stays connected with it shows it once only: it is asked about for them.
        const asked = this.#asked.peek(key);
        if (asked === undefined || clock.monotonic() - asked.at >= BELIEVED_MS) void this.withToken(token).catch(() => undefined);
        // With other roles they come in anew.
        return clock.now() < expiresAt && (asked === undefined || (asked.bearer !== undefined && areSame(asked.bearer.roles, roles)));
      },
    };
  }

  #known({ id, name, roles }: KeystoneToken): Known {
    return { name, roles: this.#roles.of(name, roles), secrets: { token: id }, canRenew: true };
  }

  /** Whoever signed in for another project shows a token that is good, but not for us. */
  #isOurs({ project, domains, isVersion2 }: KeystoneToken): boolean {
    const { config } = this.options;
    return project === config.project && (isVersion2 || domains.includes(config.domain));
  }

  async #look(): Promise<void> {
    this.#nextLook();
    await this.#heard(() => this.#door.greet()).catch(() => undefined);
    if (!this.#isClosed) this.#nextLook = this.options.clock.after(this.#error === undefined ? LOOK_MS : RETRY_MS, () => void this.#look());
  }

  /** Notes how Keystone fares by what became of asking it. */
  async #heard<T>(ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      this.#state = 'READY';
      this.#error = undefined;
      return answer;
    } catch (error) {
      const reason = (error as Error).message;
      if (this.#state !== 'AWAY') this.options.log.warn({ url: this.url, reason }, 'Keystone cannot be used; it is tried again');
      this.#state = 'AWAY';
      this.#error = reason;
      throw new CanopyError('UNAVAILABLE', `Keystone (${this.url}) cannot be used at the moment: ${reason}; try again`, {
        retriable: true,
        cause: error,
      });
    }
  }
}
