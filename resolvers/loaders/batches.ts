import DataLoader from 'dataloader';

/** Loaders of one request, one for each different question, made when it is first asked. */
export class Batches<Key, Value> {
  readonly #loaders = new Map<string, DataLoader<Key, Value, string>>();

  /** `idOf` tells keys apart: the same thing asked for twice in a request is read once. */
  constructor(private readonly idOf: (key: Key) => string) {}

  /** Gathers the keys of one turn into one call of `read`, whose answers are in the order of its keys. */
  load(question: string, key: Key, read: (keys: readonly Key[]) => Promise<readonly (Value | Error)[]>): Promise<Value> {
    let loader = this.#loaders.get(question);
    if (loader === undefined) {
      loader = new DataLoader<Key, Value, string>(read, { cacheKeyFn: this.idOf });
      this.#loaders.set(question, loader);
    }
    return loader.load(key);
  }
}
