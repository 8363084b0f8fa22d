import { type JSX, useRef } from 'react';
import { Icon } from '../ui/Icon.js';
import { useFocusBack } from '../ui/useFocusBack.js';
import './details.css';
import type { Grouping } from '../data/grouping.js';
import { EdgePanel } from './EdgePanel.js';
import { GroupPanel } from './GroupPanel.js';
import { LinksPanel } from './LinksPanel.js';
import { ManyPanel } from './ManyPanel.js';
import { NodePanel } from './NodePanel.js';

/** What the details are about. */
export interface Selected {
  readonly kind: 'node' | 'edge' | 'group' | 'links';
  readonly id: string;
}

export interface DetailsProps {
  readonly selected: Selected;
  /** Ids of further nodes that are selected. */
  readonly also: readonly string[];
  readonly grouping: Grouping;
  readonly at: string | undefined;
  readonly theme: string;
  onSelect(selected: Selected | undefined): void;
  onSelectMany(ids: readonly string[]): void;
  /** Goes to a moment. */
  onTime(at: string): void;
  /** Adds a condition to the filter. */
  onFilter(path: string, value: unknown): void;
  onFocus(id: string): void;
  /** Asks a Gremlin string. */
  onAsk(query: string): void;
  /** To the rooms of flows and captures, with this node selected. */
  onFlows(): void;
  onFlow(id: string): void;
  onCapture(): void;
}

/** What is selected, from what a person needs first to everything that is known. */
export function DetailsRoom(props: DetailsProps): JSX.Element {
  const { selected, onSelect } = props;
  const room = useRef<HTMLElement>(null);
  useFocusBack(room);
  return (
    <aside ref={room} className="details" aria-label="Details">
      <button
        className="button is-plain is-icon details-close"
        aria-label="Close the details"
        title="Close (Esc)"
        onClick={() => onSelect(undefined)}
      >
        <Icon name="close" />
      </button>
      {props.also.length > 0 ? (
        <ManyPanel ids={[selected.id, ...props.also]} {...props} />
      ) : (
        <Panel key={selected.id} {...props} id={selected.id} />
      )}
    </aside>
  );
}

function Panel(props: DetailsProps & { readonly id: string }): JSX.Element {
  switch (props.selected.kind) {
    case 'node':
      return <NodePanel {...props} />;
    case 'edge':
      return <EdgePanel {...props} />;
    case 'group':
      return <GroupPanel {...props} />;
    case 'links':
      return <LinksPanel {...props} />;
  }
}
