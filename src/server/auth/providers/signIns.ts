import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../common/clock.js';
import { CanopyError } from '../../../common/errors.js';
import { randomId } from '../../../common/ids.js';
import type { Log } from '../../../common/log.js';
import { replaceFile } from '../replaceFile.js';
import type { Known, Provider, Source } from './provider.js';

/** Somebody who signed in at a provider, as it is kept. Times in epoch milliseconds. */
export interface SignIn extends Known {
  readonly id: string;
  readonly source: Source;
  /** When the provider last said so. */
  readonly checkedAt: number;
  readonly endsAt: number;
}

export interface SignInsOptions {
  /** Its files are there, and nothing else is. */
  readonly folder: string;
  readonly providers: readonly Provider[];
  /** After how long the provider is asked again, and how long somebody stays signed in, ms. */
  readonly lifetimes: { readonly session: number; readonly signIn: number };
  readonly clock: Clock;
  readonly log: Log;
}

/** While the provider is away whoever signed in stays in for so long, ms: the network may be down because of what they came to look at. */
const PATIENCE_MS = 3_600_000;

/** Milliseconds until the provider is asked again after it did not answer. */
const RETRY_MS = 15_000;

/** Milliseconds between two looks for files of sign-ins that have ended. */
const SWEEP_MS = 3_600_000;

const KEPT = 10_000;
const ID = /^[\w-]{8,64}$/;

/** Sign-ins at providers, one file each, so that they outlive a restart and what renews them never reaches a browser. */
export class SignIns {
  readonly #known: LRUCache<string, SignIn>;
  readonly #renewals = new Map<string, Promise<SignIn | undefined>>();
  readonly #failedAt = new Map<string, number>();
  #sweptAt: number | undefined;

  constructor(private readonly options: SignInsOptions) {
    this.#known = new LRUCache({ max: KEPT });
  }

  begin(source: Source, known: Known): SignIn {
    const { clock, lifetimes } = this.options;
    this.#sweep();
    const now = clock.now();
    return this.#keep({ ...known, id: randomId(), source, checkedAt: now, endsAt: now + lifetimes.signIn });
  }

  /** `undefined` once it has ended. */
  get(id: string): SignIn | undefined {
    const signIn = this.#known.get(id) ?? this.#read(id);
    if (signIn === undefined) return undefined;
    const now = this.options.clock.now();
    return now < signIn.endsAt && now - signIn.checkedAt < this.#longest(signIn) ? signIn : undefined;
  }

  /** Whether whoever signed in may still come in. Has the provider asked when its last word is old, without waiting for it. */
  isGood(id: string): boolean {
    const signIn = this.get(id);
    if (signIn !== undefined && this.#isDue(signIn)) void this.renew(id).catch(() => undefined);
    return signIn !== undefined;
  }

  /**
   * Asks the provider unless it was asked within the life of a session. `undefined` for who may not come in any more, or whom the provider could not be asked
   * about for too long.
   */
  renew(id: string): Promise<SignIn | undefined> {
    let renewal = this.#renewals.get(id);
    if (renewal === undefined) {
      // A provider may give the right to ask once more with each answer: two askers at once would take it from each other.
      renewal = this.#renewed(id).finally(() => this.#renewals.delete(id));
      this.#renewals.set(id, renewal);
    }
    return renewal;
  }

  /** What was kept of it; `undefined` where it had ended. */
  end(id: string): SignIn | undefined {
    const signIn = this.get(id);
    this.#known.delete(id);
    this.#failedAt.delete(id);
    if (ID.test(id)) rmSync(this.#path(id), { force: true });
    return signIn;
  }

  async #renewed(id: string): Promise<SignIn | undefined> {
    const { clock, log, providers } = this.options;
    const signIn = this.get(id);
    if (signIn === undefined || !this.#isDue(signIn)) return signIn;
    const provider = providers.find(({ source }) => source === signIn.source);
    if (provider === undefined) return undefined;
    try {
      const known = await provider.again(signIn.secrets);
      this.#failedAt.delete(id);
      if (this.get(id) === undefined) return undefined; // signed out meanwhile
      if (known !== undefined && known.name === signIn.name) return this.#keep({ ...signIn, ...known, checkedAt: clock.now() });
      log.info({ user: signIn.name, provider: provider.status().name }, 'the provider does not know them any more: signed out');
    } catch (error) {
      if (error instanceof CanopyError && error.code === 'UNAVAILABLE') {
        this.#failedAt.set(id, clock.now());
        return this.get(id);
      }
      log.info({ user: signIn.name, reason: (error as Error).message }, 'signed out');
    }
    this.end(id);
    return undefined;
  }

  #isDue(signIn: SignIn): boolean {
    const { clock, lifetimes } = this.options;
    if (!signIn.canRenew) return false;
    const now = clock.now();
    return now - signIn.checkedAt >= lifetimes.session && now - (this.#failedAt.get(signIn.id) ?? -Infinity) >= RETRY_MS;
  }

  #longest({ canRenew }: SignIn): number {
    return canRenew ? this.options.lifetimes.session + PATIENCE_MS : Infinity;
  }

  #keep(signIn: SignIn): SignIn {
    const { folder } = this.options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    replaceFile(this.#path(signIn.id), JSON.stringify(signIn));
    this.#known.set(signIn.id, signIn);
    return signIn;
  }

  #read(id: string): SignIn | undefined {
    if (!ID.test(id)) return undefined;
    try {
      const signIn = JSON.parse(readFileSync(this.#path(id), 'utf8')) as SignIn;
      this.#known.set(id, signIn);
      return signIn;
    } catch {
      return undefined; // ended, or damaged: they sign in anew
    }
  }

  #sweep(): void {
    const now = this.options.clock.monotonic();
    if (this.#sweptAt !== undefined && now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    let names: string[];
    try {
      names = readdirSync(this.options.folder);
    } catch {
      return; // nobody signed in yet
    }
    for (const name of names) {
      if (ID.test(name) && this.get(name) === undefined) this.end(name);
    }
  }

  #path(id: string): string {
    return join(this.options.folder, id);
  }
}
