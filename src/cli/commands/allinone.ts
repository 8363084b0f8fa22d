import { defineCommand } from '../command.js';
import { serve } from '../serve.js';
import { runAllInOne } from '../allInOne.js';

export const command = defineCommand({
  name: 'allinone',
  summary: 'run the analyzer and the agent of this host in one process',
  details: ['The agent speaks to the analyzer over loopback. When the agent cannot run, the analyzer goes on and the log says why.'],
  options: {},
  settings: ['listen', 'dataDir', 'logLevel', 'insecure'],
  examples: [
    { line: 'allinone', says: 'a first try: http://127.0.0.1:8082' },
    { line: 'allinone --listen 127.0.0.1:0 --data-dir /tmp/canopy', says: 'on a free port, with its data there' },
  ],
  run: (call) => serve(call, runAllInOne),
});
