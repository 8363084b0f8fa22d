/** A generator whose `return` first ends what it waits for: by itself it would only end after its next event. */
export function closable<Event>(generator: AsyncGenerator<Event>, close: () => void): AsyncGenerator<Event> {
  const closed: AsyncGenerator<Event> = {
    next: () => generator.next(),
    return(value) {
      close();
      return generator.return(value);
    },
    throw(error) {
      close();
      return generator.throw(error);
    },
    [Symbol.asyncIterator]: () => closed,
  };
  return closed;
}
