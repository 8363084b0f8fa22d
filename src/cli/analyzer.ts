import { CanopyError } from '../common/errors.js';
import type { Config } from '../common/config/config.js';
import { parseListen } from '../common/config/listen.js';
import type { AnalyzerSurroundings, RunningAnalyzer } from '../server/analyzer.js';
import type { Running, Surroundings } from './serve.js';

/** The analyzer alone. */
export async function runAnalyzer(surroundings: Surroundings): Promise<Running> {
  const analyzer = await startAnalyzerHere(surroundings.config, surroundings);
  return { ...greeting(analyzer), stop: () => analyzer.stop() };
}

/** What is said when an analyzer is up. */
export function greeting({ url, firstAdministrator }: RunningAnalyzer): Pick<Running, 'ready' | 'notice'> {
  const ready = `canopy ready ${url}`;
  if (firstAdministrator === undefined) return { ready };
  const { name, password } = firstAdministrator;
  return {
    ready,
    notice: `Others can reach this analyzer and it had no users, so one was made. This is said once:\n  name      ${name}\n  password  ${password}\nChange it with \`canopy user add ${name} --role administrator\`.\n`,
  };
}

/** Starts the analyzer; when its address is taken, the error says by whom. */
export async function startAnalyzerHere(config: Config, surroundings: AnalyzerSurroundings): Promise<RunningAnalyzer> {
  const { startAnalyzer } = await import('../server/analyzer.js');
  try {
    return await startAnalyzer(config, surroundings);
  } catch (error) {
    if (!(error instanceof CanopyError) || error.details.reason !== 'EADDRINUSE') throw error;
    const { portOwner } = await import('./doctor/portOwner.js');
    const owner = await portOwner(parseListen(config.listen).port);
    const advice = 'Stop it, or choose another address with --listen HOST:PORT; port 0 picks a free one.';
    throw new CanopyError(error.code, `cannot listen on ${config.listen}: ${owner ?? 'another process'} listens there\n${advice}`, {
      cause: error,
    });
  }
}
