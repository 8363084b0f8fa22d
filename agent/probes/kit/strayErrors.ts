import type { LoadedProbe } from './probe.js';

/**
 * What a probe from elsewhere throws where nobody can catch it – in a timer or a promise of its own – ends the probe and not the agent:
 * whose it is stands in the stack. Everything else ends the process as before. It
 * stays after the agent has stopped: a timer that a probe left behind may be due then.
 */
export function catchStrayErrors(probes: readonly LoadedProbe[], failed: (probe: string, error: unknown) => void): void {
  const foreign = probes.flatMap(({ name, folder }) => (folder === undefined ? [] : [{ name, folder }]));
  if (foreign.length === 0) return;
  const caught = (error: unknown): void => {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    // The nearest frame that belongs to a probe: two may lie in one folder, and then the first is blamed.
    const owner = stack
      .split('\n')
      .map((frame) => foreign.find(({ folder }) => frame.includes(folder)))
      .find((probe) => probe !== undefined);
    if (owner === undefined) {
      process.off('uncaughtException', caught);
      throw error;
    }
    failed(owner.name, error);
  };
  process.on('uncaughtException', caught);
}
