import { defineCommand } from '../command.js';
import { runAnalyzer } from '../analyzer.js';
import { serve } from '../serve.js';

export const command = defineCommand({
  name: 'analyzer',
  summary: 'run the analyzer: joins what agents publish, keeps every change, answers GraphQL',
  details: [
    'Prints one line, `canopy ready URL`, on standard output when it serves; the log goes to standard error. SIGTERM and SIGINT stop it cleanly.',
  ],
  options: {},
  settings: ['listen', 'dataDir', 'logLevel', 'insecure'],
  examples: [
    { line: 'analyzer --data-dir /var/lib/canopy', says: 'on 127.0.0.1:8082, keeping its data there' },
    { line: 'analyzer --listen 0.0.0.0:8082 --config /etc/canopy.yaml', says: 'for other hosts; the file names the tokens' },
    { line: 'analyzer --listen 127.0.0.1:0', says: 'on a free port, which the ready line tells' },
  ],
  run: (call) => serve(call, runAnalyzer),
});
