/** What `POST /api/topology` answers to a Gremlin string. */
export async function gremlinAt(url: string, query: string): Promise<unknown> {
  const answer = await fetch(`${url}/api/topology`, { method: 'POST', body: JSON.stringify({ GremlinQuery: query }) });
  return answer.json();
}

/** Waits some ten seconds for something to become so; `seen` is said where it does not. */
export async function eventually(isSo: () => Promise<boolean> | boolean, seen: () => string = () => ''): Promise<void> {
  for (let tries = 0; !(await isSo()); tries++) {
    if (tries > 400) throw new Error(`it did not become so ${seen()}`.trimEnd());
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
