import { defineCommand } from '../command.js';
import { serve } from '../serve.js';
import { runAgent } from '../agent.js';

export const command = defineCommand({
  name: 'agent',
  summary: 'run the agent of this host: watches its links and namespaces, publishes them',
  details: [
    'Prints one line, `canopy agent ready`, on standard output when it watches; it goes on when the analyzer is away and catches up later.',
    'What it lacks without root is said once, by the name of the capability; the rest runs.',
  ],
  options: {},
  settings: ['analyzer', 'tokenFile', 'dataDir', 'logLevel'],
  examples: [
    {
      line: 'agent --analyzer http://analyzer.example.org:8082 --token-file /etc/canopy/agent.token',
      says: 'publish to an analyzer elsewhere',
    },
    { line: 'agent --set agent.probes=host,netlink --set agent.hostId=web-17', says: 'some probes only, under a chosen name' },
  ],
  run: (call) => serve(call, runAgent),
});
