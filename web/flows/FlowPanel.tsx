import { type JSX, useRef, useState } from 'react';
import { readFile } from '../data/ask.js';
import { failureFrom } from '../data/failure.js';
import { useAnswer } from '../data/useAnswer.js';
import { duration, wholeTime } from '../ui/format.js';
import { Facts } from '../ui/Facts.js';
import { Icon } from '../ui/Icon.js';
import { Problem } from '../ui/Problem.js';
import { saveFile } from '../ui/save.js';
import { useFocusBack } from '../ui/useFocusBack.js';
import { Tree } from '../ui/Tree.js';
import { Between, FlowPlaces, type FlowRow, Packets } from './documents.js';

interface FlowPanelProps {
  readonly flow: FlowRow;
  readonly title: string;
  readonly at: string | undefined;
  onLight(ids: ReadonlySet<string>): void;
  onSelect(selected: { readonly kind: 'node'; readonly id: string }): void;
  onClose(): void;
}

interface Place {
  readonly id: string;
  readonly name: string;
  readonly host: string;
}

/** One flow: its layers, the way that it takes, and the packets that were kept. */
export function FlowPanel({ flow, title, at, onLight, onSelect, onClose }: FlowPanelProps): JSX.Element {
  const panel = useRef<HTMLElement>(null);
  useFocusBack(panel);
  const { id, layers, link, network, icmp, start, last } = flow;
  const places = useAnswer(FlowPlaces, { id, trackingId: flow.trackingId ?? id, at: at ?? null }, { subject: id });
  const packets = useAnswer(Packets, flow.rawPacketsCaptured > 0 ? { id, at: at ?? null } : undefined, { subject: id });
  const seen = places.data?.flows?.nodes ?? [];
  const a = seen.find((one) => one.a.node)?.a.node;
  const b = seen.find((one) => one.b.node)?.b.node;
  const between = useAnswer(Between, a && b && a.id !== b.id ? { a: a.id, b: b.id, at: at ?? null } : undefined, { subject: id });
  const onTheWay = between.data?.shortestPaths[0]?.nodes ?? [];
  const way = distinct([a, ...onTheWay, ...seen.map(({ captureNode }) => captureNode), b]);
  const own = seen.find((one) => one.id === id);
  const said = own && { tcp: own.tcp, dns: own.dns, dhcpv4: own.dhcpv4, vrrp: own.vrrp };
  const known = Object.fromEntries(Object.entries(said ?? {}).filter(([, value]) => value !== null));
  const kept = packets.data?.flows?.nodes[0]?.rawPackets ?? [];
  const [problem, setProblem] = useState<string>();
  const save = (): void => {
    setProblem(undefined);
    readFile(`/flows/${id}/packets.pcapng`)
      .then((file) => saveFile(`flow-${id}.pcapng`, file))
      .catch((error: unknown) => setProblem(failureFrom(error).message));
  };
  return (
    <aside ref={panel} className="flow-panel" aria-label="Flow">
      <button className="button is-plain is-icon details-close" aria-label="Close the flow" onClick={onClose}>
        <Icon name="close" />
      </button>
      <h3 className="mono">{title}</h3>
      <p className="muted">
        {layers.join(' / ')}, <span className="nowrap">for {duration(Date.parse(last) - Date.parse(start))}</span>
      </p>
      <Problem message={places.failure?.message ?? between.failure?.message} />
      <Facts
        facts={[
          ['MAC', link && <span className="mono">{`${link.a} → ${link.b}`}</span>],
          ['VLAN', link?.id || null],
          ['VNI', network?.id || null],
          ['ICMP', icmp && `${icmp.type}, code ${icmp.code}`],
          ['Tunnel', own?.parent?.application],
          ['Captured', own?.captureNode && `on ${own.captureNode.name}${own.capture?.name ? ` by ${own.capture.name}` : ''}`],
        ]}
      />
      {Object.keys(known).length > 0 && <Tree value={known} />}
      <details>
        <summary>All values</summary>
        <Tree value={flow} />
      </details>
      <h3>Way</h3>
      <ol>
        {way.map(({ id: place, name, host }) => (
          <li key={place}>
            <button className="link" onClick={() => onSelect({ kind: 'node', id: place })}>
              {name}
            </button>{' '}
            <span className="muted">on {host}</span>
          </li>
        ))}
      </ol>
      <button className="button" disabled={way.length === 0} onClick={() => onLight(new Set(way.map((place) => place.id)))}>
        Show in the picture
      </button>
      <h3>Packets</h3>
      <Problem message={packets.failure?.message ?? problem} />
      {flow.rawPacketsCaptured === 0 && <p className="muted small">None were kept: the capture has to ask for it.</p>}
      {kept.length > 0 && (
        <>
          <ol className="packets mono">
            {kept.map((packet) => (
              <li key={packet.index} title={wholeTime(Date.parse(packet.timestamp))}>
                {packet.index}: {packet.wireLength} bytes, {packet.timestamp.slice(11, 23)}
              </li>
            ))}
          </ol>
          <button className="button" onClick={save}>
            <Icon name="save" /> pcapng
          </button>
        </>
      )}
    </aside>
  );
}

const distinct = (places: readonly (Place | null | undefined)[]): readonly Place[] => [
  ...new Map(places.flatMap((place) => (place ? [[place.id, place] as const] : []))).values(),
];
