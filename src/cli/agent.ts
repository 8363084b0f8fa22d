import type { Running, Surroundings } from './serve.js';

/** The agent of this host. */
export async function runAgent({ config, clock, log }: Surroundings): Promise<Running> {
  const { startAgent } = await import('../../agent/agent.js');
  const agent = await startAgent(config, { clock, log });
  return { ready: 'canopy agent ready', stop: () => agent.stop() };
}
