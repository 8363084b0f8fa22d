import type { JSX } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { duration } from '../ui/format.js';
import { Icon } from '../ui/Icon.js';
import { Problem } from '../ui/Problem.js';
import { saveFile } from '../ui/save.js';
import { type FlowRow, FlowWay, type Packet, Packets } from './documents.js';
import { fromBase64, toPcapng } from './pcapng.js';

interface FlowPanelProps {
  readonly flow: FlowRow;
  readonly title: string;
  readonly at: string | undefined;
  onLight(ids: ReadonlySet<string>): void;
  onSelect(selected: { readonly kind: 'node'; readonly id: string }): void;
  onClose(): void;
}

/** One flow: its layers, the way that it takes, and the packets that were kept. */
export function FlowPanel({ flow, title, at, onLight, onSelect, onClose }: FlowPanelProps): JSX.Element {
  const way = useAnswer(FlowWay, { id: flow.id, trackingId: flow.trackingId ?? flow.id, at: at ?? null }, { subject: flow.id });
  const packets = useAnswer(Packets, flow.rawPacketsCaptured > 0 ? { id: flow.id, at: at ?? null } : undefined, { subject: flow.id });
  const seen = way.data?.flows?.nodes ?? [];
  const places = new Map(
    seen.flatMap(({ captureNode, a, b }) => [a.node, captureNode, b.node]).flatMap((node) => (node ? [[node.id, node] as const] : [])),
  );
  const kept = packets.data?.flows?.nodes[0]?.rawPackets ?? [];
  return (
    <aside className="flow-panel" aria-label="Flow">
      <button className="button is-plain is-icon details-close" aria-label="Close the flow" onClick={onClose}>
        <Icon name="close" />
      </button>
      <h3 className="mono">{title}</h3>
      <p className="muted">
        {flow.layers.join(' / ')}, for {duration(Date.parse(flow.last) - Date.parse(flow.start))}
      </p>
      <Problem message={way.failure?.message} />
      <h3>Way</h3>
      <ol>
        {[...places.values()].map(({ id, name, host }) => (
          <li key={id}>
            <button className="link" onClick={() => onSelect({ kind: 'node', id })}>
              {name}
            </button>{' '}
            <span className="muted">on {host}</span>
          </li>
        ))}
      </ol>
      <button className="button" disabled={places.size === 0} onClick={() => onLight(new Set(places.keys()))}>
        Show in the picture
      </button>
      <h3>Packets</h3>
      {flow.rawPacketsCaptured === 0 && <p className="muted small">None were kept: the capture has to ask for it.</p>}
      {kept.length > 0 && (
        <>
          <ol className="packets mono">
            {kept.map((packet) => (
              <li key={packet.index}>
                {packet.index}: {fromBase64(packet.data as string).length} bytes
              </li>
            ))}
          </ol>
          <button className="button" onClick={() => savePackets(kept)}>
            <Icon name="save" /> pcapng
          </button>
        </>
      )}
    </aside>
  );
}

const savePackets = (packets: readonly Packet[]): void =>
  saveFile(
    'flow.pcapng',
    toPcapng(
      packets.map(({ timestamp, linkType, data }) => ({ time: Date.parse(timestamp), linkType, bytes: fromBase64(data as string) })),
    ),
  );
