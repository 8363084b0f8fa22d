import { PATIENCE } from '../patience.js';

/** Status of what is turned away because of load, which a machine that others use too may have at any time. */
const BUSY = 503;

/** Asks again for as long as the analyzer is too busy to answer. */
export async function askWhenFree(url: string, options?: RequestInit): Promise<Response> {
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(url, options);
    if (answer.status !== BUSY || tries === 200) return answer;
    await answer.text();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What `POST /api/topology` answers to a Gremlin string. */
export async function gremlinAt(url: string, query: string): Promise<unknown> {
  const answer = await askWhenFree(`${url}/api/topology`, { method: 'POST', body: JSON.stringify({ GremlinQuery: query }) });
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
