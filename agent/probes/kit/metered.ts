import type { Clock } from '../../../src/common/clock.js';
import type { LinuxAccess, ProbeContext } from './probe.js';

/** Runs a callback of the probe. */
type Run = <Result>(work: () => Result) => Result;

/** What a probe gets, with every way by which it is called back going through `run`; a timer that throws is told to `failed`. */
export function meteredContext<Context extends Pick<ProbeContext, 'clock' | 'linux' | 'namespaces' | 'nodes'>>(
  context: Context,
  run: Run,
  failed: (error: unknown) => void,
): Context {
  return {
    ...context,
    clock: meteredClock(context.clock, run, failed),
    // Absent where the probe does not declare that it needs them.
    linux: context.linux && meteredLinux(context.linux, run),
    namespaces: context.namespaces && meteredNamespaces(context.namespaces, run),
    nodes: context.nodes && meteredNodes(context.nodes, run),
  };
}

/** A timer that throws ends a run of the probe, and not the agent. */
function meteredClock(clock: Clock, run: Run, failed: (error: unknown) => void): Clock {
  const guarded = (action: () => void) => (): void => {
    try {
      run(action);
    } catch (error) {
      failed(error);
    }
  };
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (delayMs, action) => clock.after(delayMs, guarded(action)),
    every: (periodMs, action) => clock.every(periodMs, guarded(action)),
  };
}

function meteredLinux(linux: LinuxAccess, run: Run): LinuxAccess {
  const { sockets } = linux;
  return {
    ...linux,
    sockets: {
      ...sockets,
      group: (listener) =>
        sockets.group({
          received: (records) => run(() => listener.received(records)),
          lost: (reason) => run(() => listener.lost(reason)),
        }),
      lookAtProcesses: (listener) =>
        sockets.lookAtProcesses({
          sighted: (sighting) => run(() => listener.sighted(sighting)),
          lost: (reason) => run(() => listener.lost(reason)),
        }),
    },
  };
}

type NamespacesOf = ProbeContext['namespaces'];

function meteredNamespaces(namespaces: NamespacesOf, run: Run): NamespacesOf {
  const metered = Object.create(namespaces) as NamespacesOf;
  metered.listen = (listener) =>
    namespaces.listen({
      added: (namespace) => run(() => listener.added(namespace)),
      renamed: (namespace) => run(() => listener.renamed(namespace)),
      removed: (namespace) => run(() => listener.removed(namespace)),
    });
  return metered;
}

const meteredNodes = (nodes: ProbeContext['nodes'], run: Run): ProbeContext['nodes'] => ({
  watch: (listener) =>
    nodes.watch({ put: (node, probe) => run(() => listener.put(node, probe)), removed: (id) => run(() => listener.removed(id)) }),
});
