import type { Clock } from '../src/common/clock.js';
import type { Config } from '../src/common/config/config.js';
import type { Log } from '../src/common/log.js';
import type { GraphView } from '../src/graph/view.js';
import { Captures } from './capture/captures.js';
import { isPermitted } from './capture/permission.js';
import type { MeasuredValues } from './capture/source.js';
import { Injections } from './inject/injections.js';
import type { AgentLink } from './link/agentLink.js';
import type { LinkCommands } from './link/commands.js';
import type { CapabilityNeed } from './linux/capabilities.js';
import type { OpenLinux } from './openLinux.js';

/** What captures and injections need that probes may not. */
export const CAPTURE_NEEDS: readonly CapabilityNeed[] = [
  { capability: 'NET_RAW', allows: 'captures and injections' },
  { capability: 'NET_ADMIN', allows: 'what is not addressed to the interface of a capture, and mirrors of Open vSwitch' },
  { capability: 'SYS_ADMIN', allows: 'captures in other network namespaces' },
  { capability: 'BPF', allows: 'captures that count in the kernel' },
];

export interface CapturesOfAgent {
  /** What the analyzer may ask for. */
  readonly commands: LinkCommands;
  /** Ends captures and injections; the flows of the captures are handed to the link before. */
  close(): Promise<void>;
}

/** Whether this agent's configuration lets anything be captured or sent at all. */
export const mayCapture = ({ agent: { allow }, analyzer }: Pick<Config, 'agent' | 'analyzer'>): boolean =>
  isPermitted(allow.capture, analyzer) || isPermitted(allow.inject, analyzer);

/** Puts captures and injections between the analyzer's commands and this host. */
export async function openCaptures(options: {
  readonly config: Pick<Config, 'agent' | 'analyzer'> & Partial<Pick<Config, 'registry'>>;
  readonly linux: OpenLinux;
  readonly clock: Clock;
  readonly log: Log;
  /** The agent's graph as it is now. */
  readonly view: () => GraphView;
  readonly link: () => AgentLink;
  readonly measure: (node: string, values: MeasuredValues) => void;
}): Promise<CapturesOfAgent> {
  const { config, linux, clock, log, view, link, measure } = options;
  const { namespaces } = linux;
  const captures = await Captures.open({
    config: config.agent,
    analyzer: config.analyzer,
    etcd: config.registry?.etcd.endpoints,
    view,
    namespaces,
    clock,
    log,
    changed: (activities) => link().say({ kind: 'captureStates', activities }),
    able: (abilities) => link().say(abilities),
    ship: (batch) => link().ship(batch),
    refreshed: (request) => link().refreshed(request),
    measure,
  });
  const { inject } = config.agent.allow;
  const injections = new Injections({
    forbidden: () =>
      captures.isAllowed(inject)
        ? undefined
        : `this host sends no packets${inject === 'local' ? ' for an analyzer elsewhere' : ''} (agent.allow.inject is ${inject})`,
    view,
    namespaces,
    progress: (progress) => link().say(progress),
  });
  return {
    commands: {
      welcomed() {
        link().say(captures.abilities());
        const activities = captures.states();
        if (activities.length > 0) link().say({ kind: 'captureStates', activities });
        injections.report();
      },
      captureTasks: (tasks) => captures.apply(tasks),
      flowsRefresh: (request) => captures.refresh(request),
      inject: (asked) => injections.start(asked),
      injectCancel: (id) => injections.cancel(id),
    },
    async close() {
      await Promise.all([captures.close(), injections.close()]);
    },
  };
}
