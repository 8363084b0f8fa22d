import { type JSX, useState } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { useChangesOf } from '../data/watchNode.js';
import { bits } from '../ui/format.js';
import { Icon } from '../ui/Icon.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import type { DetailsProps } from './DetailsRoom.js';
import { NodeDetails, type NodeInDetail } from './documents.js';
import { CapturesSection } from './CapturesSection.js';
import { Facts } from '../ui/Facts.js';
import { FlowsSection } from './FlowsSection.js';
import { HistorySection } from './HistorySection.js';
import { LinksSection } from './LinksSection.js';
import { MetadataSection } from './MetadataSection.js';
import { RatesSection } from './RatesSection.js';
import { SocketsSection } from './SocketsSection.js';
import { FeaturesSection, ForwardingSection, NeighboursSection, RoutesSection } from './tables.js';

type NodePanelProps = DetailsProps & { readonly id: string };

/** Links that are listed at first, and when more are wanted: the largest page. */
const FIRST_LINKS = 100;
const MOST_LINKS = 1_000;

/** A node: state, addresses, owner and peer, rates, and its tables. */
export function NodePanel(props: NodePanelProps): JSX.Element {
  const { id, at, onSelect, onFocus, onAsk } = props;
  const turn = useChangesOf(at === undefined ? [id] : undefined);
  const [links, setLinks] = useState(FIRST_LINKS);
  const { data, failure, isAsking } = useAnswer(NodeDetails, { id, at: at ?? null, links }, { subject: id, turn });
  const node = data?.node;
  if (!node) {
    return (
      <div className="details-body">
        <Problem message={failure?.message} />
        {!failure && (
          <p className="muted">
            {isAsking
              ? 'Reading…'
              : at === undefined
                ? 'It is not there any more. Go back in time to see it.'
                : 'It was not there at this instant.'}
          </p>
        )}
      </div>
    );
  }
  const section = { id, at, turn };
  const isInterface = node.__typename === 'NetworkInterface';
  const hasSockets = (data.withSockets.totalCount ?? 0) > 0;
  return (
    <div className="details-body">
      <header>
        <p className="small muted">
          {[...node.ancestors].reverse().map((owner) => (
            <span key={owner.id}>
              <button className="link small" onClick={() => onSelect({ kind: 'node', id: owner.id })}>
                {owner.name}
              </button>{' '}
              ›{' '}
            </span>
          ))}
          {node.type}
        </p>
        <h2 className="details-name" dir="auto">
          {node.name}
        </h2>
        <p className={`details-state state-${node.state}`}>
          <span className="details-dot" aria-hidden="true" />
          {node.state.toLowerCase()}
          <button
            className="button is-plain is-icon"
            title="Show only what is around it"
            aria-label="Show only what is around it"
            onClick={() => onFocus(id)}
          >
            <Icon name="focus" />
          </button>
          <button
            className="button is-plain is-icon"
            title="Ask about it in Gremlin"
            aria-label="Ask about it in Gremlin"
            onClick={() => onAsk(gremlinOf(id))}
          >
            <Icon name="ask" />
          </button>
        </p>
      </header>
      <Problem message={failure?.message} />
      <Facts facts={factsOf(node, onSelect)} />
      {isInterface && <RatesSection id={id} at={at} />}
      <LinksSection node={node} onSelect={onSelect} onMore={links < MOST_LINKS ? () => setLinks(MOST_LINKS) : undefined} />
      <CapturesSection {...section} onCapture={props.onCapture} />
      <FlowsSection {...section} onFlow={props.onFlow} onFlows={props.onFlows} />
      {hasSockets && <SocketsSection {...section} />}
      {isInterface && (
        <>
          <RoutesSection {...section} count={node.routes.totalCount} />
          <NeighboursSection {...section} count={node.neighborTable.totalCount} />
          <ForwardingSection {...section} count={node.forwardingTable.totalCount} />
          <FeaturesSection {...section} />
        </>
      )}
      <HistorySection {...section} onTime={props.onTime} />
      <MetadataSection {...section} onFilter={props.onFilter} />
    </div>
  );
}

/** The string that finds it. The dialect knows no escapes, but two kinds of quotes. */
const gremlinOf = (id: string): string => (id.includes("'") ? `G.V("${id}")` : `G.V('${id}')`);

function factsOf(
  node: NodeInDetail,
  onSelect: DetailsProps['onSelect'],
): readonly (readonly [string, JSX.Element | string | number | null | undefined])[] {
  const to = ({ id, name }: { readonly id: string; readonly name: string }, where?: string): JSX.Element => (
    <button className="link" onClick={() => onSelect({ kind: 'node', id })}>
      {name}
      {where && <span className="muted"> in {where}</span>}
    </button>
  );
  const times = [
    ['Seen since', <Instant key="since" at={node.createdAt} />],
    ['Changed', <Instant key="changed" at={node.updatedAt} />],
  ] as const;
  switch (node.__typename) {
    case 'NetworkInterface':
      return [
        ['Addresses', node.addresses.length > 0 ? <Addresses addresses={node.addresses} /> : 'none'],
        ['Peer', node.peer && to(node.peer, node.peer.namespace?.name ?? node.peer.host)],
        ['Part of', node.master && to(node.master)],
        ['MAC', node.mac && <span className="mono">{node.mac}</span>],
        ['MTU', node.mtu],
        ['Speed', node.speed ? bits(node.speed) : null],
        ['VLAN', node.vlan],
        ['Kind', [node.kind.toLowerCase().replace('_', ' '), node.driver].filter(Boolean).join(', driver ')],
        ['Index', node.ifIndex],
        ['Flags', node.flags.join(' ').toLowerCase()],
        ...times,
      ];
    case 'NetworkNamespace':
      return [['Path', <span className="mono">{node.path}</span>], ['Made by', node.manager], ['Inode', node.inode], ...times];
    case 'Host':
      return [
        ['Host name', node.hostname],
        ['Agent', node.agent && `${node.agent.state.toLowerCase()}, version ${node.agent.version ?? 'unknown'}`],
        ['Lacks', node.agent && node.agent.missingCapabilities.length > 0 ? node.agent.missingCapabilities.join(', ') : null],
        ...times,
      ];
    case 'CustomNode':
      return [['Published by', node.origin], ...times];
  }
}

const Addresses = ({ addresses }: { readonly addresses: readonly string[] }): JSX.Element => (
  <ul>
    {addresses.map((address) => (
      <li key={address} className="mono">
        {address}
      </li>
    ))}
  </ul>
);
