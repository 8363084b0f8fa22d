/** A value that is there, or will be. What the live graph answers is there: nothing on that way may wait for a microtask. */
export type Awaitable<T> = T | PromiseLike<T>;

export const isPromise = <T>(value: Awaitable<T>): value is PromiseLike<T> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/** Applies `use` at once where the value is there, later where it is not. */
export const whenReady = <T, R>(value: Awaitable<T>, use: (value: T) => Awaitable<R>): Awaitable<R> =>
  isPromise(value) ? value.then(use) : use(value);
