import { defineCommand, type Call } from '../command.js';
import { outputOption } from '../output/format.js';
import { serve } from '../serve.js';
import { runAgent } from '../agent.js';

export const command = defineCommand({
  name: 'agent',
  summary: 'run the agent of this host: watches its links and namespaces, publishes them',
  details: [
    'Prints one line, `canopy agent ready`, on standard output when it watches; it goes on when the analyzer is away and catches up later.',
    'What it lacks without root is said once, by the name of the capability; the rest runs.',
  ],
  positionals: [
    {
      name: 'ACTION',
      optional: true,
      choices: ['status'],
      doc: '`status`: ask the agent that runs on this host how it fares (needs `agent.listen`)',
    },
  ],
  options: { output: outputOption },
  settings: ['analyzer', 'tokenFile', 'dataDir', 'logLevel'],
  examples: [
    {
      line: 'agent --analyzer http://analyzer.example.org:8082 --token-file /etc/canopy/agent.token',
      says: 'publish to an analyzer elsewhere',
    },
    { line: 'agent --set agent.probes=host,netlink --set agent.hostId=web-17', says: 'some probes only, under a chosen name' },
    { line: 'agent --set agent.listen=127.0.0.1:8083', says: 'with an address of its own for health and metrics' },
    { line: 'agent status --set agent.listen=127.0.0.1:8083', says: 'its probes, what they cost, and what waits for the analyzer' },
  ],
  async run(call) {
    if (call.positionals[0] === 'status') return (await import('../ask/agentStatus.js')).showAgentStatus(call as Call);
    return serve(call as Call, runAgent);
  },
});
