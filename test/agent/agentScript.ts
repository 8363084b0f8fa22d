import { startAgent, type AgentSettings } from '../../agent/agent.js';
import { systemClock } from '../../src/common/clock.js';
import { createLog } from '../../src/common/log.js';

/** An agent by itself, for tests that need a whole process: prints what it sees, runs until SIGTERM. */
const settings = JSON.parse(process.argv[2]!) as AgentSettings;
try {
  const agent = await startAgent(settings, { clock: systemClock, log: createLog('warn') });
  process.once('SIGTERM', () => void agent.stop());
  // As the command does it.
  process.once('SIGINT', () => void agent.stop().then(() => process.exit(0)));
  // As a process that ends at once, without letting the agent stop first.
  process.once('SIGUSR2', () => process.exit(7));
  const view = agent.view();
  process.stdout.write(
    `${JSON.stringify({ probes: agent.probes(), url: agent.url, nodes: [...view.nodes()].map(({ id, metadata }) => ({ id, metadata })) })}\n`,
  );
  view.release();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 3;
}
