import { parentPort } from 'node:worker_threads';
import { prepareNamespaces } from '../linux/namespace.js';
import type { InjectCommand, InjectNews } from './messages.js';
import { RunningInjection } from './runningInjection.js';

/** The thread of injections: it sends in small portions, and hears its owner in between. */

const running = new Map<string, RunningInjection>();
const commands: InjectCommand[] = [];
let isReady = false;

const tell = (news: InjectNews): void => {
  if (news.state !== 'ACTIVE') running.delete(news.id);
  parentPort?.postMessage(news);
};

function obey(command: InjectCommand): void {
  switch (command.op) {
    case 'start': {
      const { id } = command.inject;
      running.get(id)?.cancel();
      const injection = new RunningInjection(command, tell);
      running.set(id, injection);
      return injection.start();
    }
    case 'cancel':
      return running.get(command.id)?.cancel();
    case 'report':
      for (const injection of running.values()) injection.report();
      return;
    case 'end':
      for (const injection of [...running.values()]) injection.cancel();
      parentPort?.close();
  }
}

// Nothing is obeyed before namespaces may be entered, and nothing is lost that came before.
parentPort?.on('message', (command: InjectCommand) => {
  if (isReady) obey(command);
  else commands.push(command);
});
await prepareNamespaces();
isReady = true;
for (const command of commands.splice(0)) obey(command);
