import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker thread from a module beside the caller, named without ending: `startWorker('./epollWorker', import.meta.url)`.
 * Runs the compiled `.js`, or the `.ts` itself when the caller runs uncompiled (development and tests, where `tsx` is installed).
 */
export function startWorker(name: string, callerUrl: string, options: WorkerOptions = {}): Worker {
  if (!callerUrl.endsWith('.ts')) return new Worker(new URL(`${name}.js`, callerUrl), options);
  return new Worker(new URL(`${name}.ts`, callerUrl), { ...options, execArgv: ['--import', import.meta.resolve('tsx')] });
}
