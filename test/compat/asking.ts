import { PATIENCE } from '../patience.js';

/** What `POST /api/topology` answers to a Gremlin string. */
export async function gremlinAt(url: string, query: string): Promise<unknown> {
  const answer = await fetch(`${url}/api/topology`, { method: 'POST', body: JSON.stringify({ GremlinQuery: query }) });
  return answer.json();
}

/** Waits for something to become so; `seen` is said where it does not. */
export async function eventually(isSo: () => Promise<boolean> | boolean, seen: () => string = () => ''): Promise<void> {
  const until = Date.now() + PATIENCE.timeout;
  while (!(await isSo())) {
    if (Date.now() > until) throw new Error(`it did not become so ${seen()}`.trimEnd());
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
