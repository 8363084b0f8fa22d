import type { CaptureSpec } from '../../../src/protocol/capture.js';
import type { OvsValue } from '../../ovsdb/ovsdb.js';
import type { SourceFacts } from '../source.js';
import type { Exporter } from './bridges.js';

/** Sampling of one packet in so many that it comes to none. */
const NO_SAMPLES = 2 ** 32 - 1;
/** Of NetFlow's header, as in Skydive. */
const ENGINE = { engine_id: 1, engine_type: 10 } as const;

/** What a bridge is to be told for a capture of this type; `undefined` for types that it has no part in. The collector's address stands in its facts. */
export function exportOf(
  type: string,
  { target, headerSize, samplingRate, pollingIntervalMs }: CaptureSpec,
  { sflowSocket, facts }: SourceFacts,
): { readonly exporter: Exporter; readonly row: Readonly<Record<string, OvsValue>> } | undefined {
  const seconds = Math.ceil(pollingIntervalMs / 1_000);
  if (type === 'ovssflow') {
    const targets = target === '' ? String(sflowSocket) : target;
    // The agent is the interface whose address stands in the datagrams.
    const row = { agent: 'lo', targets, header: headerSize, sampling: samplingRate === 0 ? NO_SAMPLES : samplingRate, polling: seconds };
    return { exporter: 'sflow', row };
  }
  if (type !== 'ovsnetflow') return undefined;
  const targets = target === '' ? String(facts.netflowSocket) : target;
  // Ten minutes unless said: nobody waits that long for a flow that goes on.
  const row = { targets, ...ENGINE, add_id_to_interface: true, ...(seconds === 0 ? {} : { active_timeout: seconds }) };
  return { exporter: 'netflow', row };
}
