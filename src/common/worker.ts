import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker thread from a module beside the caller, named without ending: `startWorker('./epollWorker', import.meta.url)`.
 * Runs the compiled `.js`, or the `.ts` itself when the caller runs uncompiled (development and tests, where `tsx` is installed).
 */
export function startWorker(name: string, callerUrl: string, options: WorkerOptions = {}): Worker {
  if (!callerUrl.endsWith('.ts')) return new Worker(new URL(`${name}.js`, callerUrl), options);
  // A thread's own entry is resolved before `--import tsx` takes effect, so the entry is a line of JavaScript that makes it take effect.
  const entry = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ register }) => {
    register();
    return import(${JSON.stringify(new URL(`${name}.ts`, callerUrl).href)});
  });`;
  return new Worker(entry, { ...options, eval: true, execArgv: [] });
}
