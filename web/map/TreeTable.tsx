import { useVirtualizer } from '@tanstack/react-virtual';
import { type JSX, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { Icon } from '../ui/Icon.js';
import { SaveButtons } from '../ui/SaveButtons.js';
import type { Picked } from './interact/pick.js';
import type { OpenGroups } from './openGroups.js';
import type { Group, Mark, OpenGroup, Scene } from './scene/scene.js';
import { type TreeRow, treeRows } from './treeRows.js';
import './treeTable.css';

interface TreeTableProps {
  readonly groups: readonly Group[];
  /** Says which links are drawn as one. */
  readonly scene: Scene;
  readonly held: ReadonlyMap<string, OpenGroup>;
  readonly open: readonly string[];
  readonly selected: Picked | undefined;
  readonly marks: ReadonlyMap<string, Mark>;
  /** What was typed finds these, and the rest steps back. */
  readonly found: { readonly ids: ReadonlySet<string>; readonly byGroup: ReadonlyMap<string, number> } | undefined;
  /** Nodes that something else on the page lights: the way of a flow, what a question found. */
  readonly lit: ReadonlySet<string>;
  onTouched: OpenGroups['onTouched'];
  onToggle(group: string): void;
  onSelect(selected: Picked | undefined): void;
}

const ROW_HEIGHT = 30;
/** Milliseconds between two readings of states that change: words that change faster cannot be read. */
const READ_EVERY_MS = 500;

/** Counts the times at which nodes looked different. */
function useTouches(onTouched: OpenGroups['onTouched']): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onTouched(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setTurn((count) => count + 1);
      }, READ_EVERY_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [onTouched]);
  return turn;
}

/** Everything that is in the picture as a table with levels: arrows move, right opens, left closes, Enter selects. */
export function TreeTable(props: TreeTableProps): JSX.Element {
  const { groups, scene, held, open, selected, marks, found, lit, onTouched, onToggle, onSelect } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const turn = useTouches(onTouched);
  // The nodes of `held` change in their place: `turn` says when.
  // What is selected changes how links are drawn, and no row.
  const drawn = useMemo(() => scene, [groups, held, open, scene.input.showsLink]);
  const rows = useMemo(() => treeRows(groups, held, open, drawn), [groups, held, open, drawn, turn]);
  const at = Math.max(
    0,
    rows.findIndex(({ id }) => id === selected?.id),
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 16,
  });
  // Only rows in sight exist, and only what exists may be named as the active one.
  const inSight = virtual.getVirtualItems();
  const glowOf = ({ id }: TreeRow): Glow => {
    const inside = found?.byGroup.get(id) ?? 0;
    if (inside > 0) return { look: 'found', text: `${inside} inside` };
    if (lit.has(id)) return { look: 'found', text: 'lit' };
    if (found?.ids.has(id)) return { look: 'found', text: 'found' };
    return found && { look: 'dim', text: '' };
  };
  const go = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    onSelect({ kind: row.kind, id: row.id });
    virtual.scrollToIndex(rows.indexOf(row));
  };
  const keys = (event: KeyboardEvent): void => {
    const row = rows[at];
    if (!row) return;
    const isOpen = open.includes(row.id);
    const isClosedGroup = row.kind === 'group' && !isOpen;
    const isOpenGroup = row.kind === 'group' && isOpen;
    if (event.key === 'ArrowDown') go(selected ? at + 1 : 0);
    else if (event.key === 'ArrowUp') go(at - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(rows.length - 1);
    else if ((event.key === 'ArrowRight' && isClosedGroup) || (event.key === 'ArrowLeft' && isOpenGroup)) onToggle(row.id);
    else if (event.key === 'ArrowRight') go(at + 1);
    else if (event.key === 'ArrowLeft') go(rows.findIndex(({ id }) => id === row.parent));
    else if (event.key === 'Enter' && row.kind === 'group') onToggle(row.id);
    else return;
    event.preventDefault();
  };
  return (
    <div className="tree-frame">
      <div className="tree-bar small muted">
        <span>{rows.length === 1 ? '1 row' : `${rows.length} rows`}</span>
        <SaveButtons name="network" rows={rows} lineOf={(row) => lineOf(row, marks.get(row.id), glowOf(row))} isQuiet />
      </div>
      <div
        ref={scroller}
        className="tree"
        role="treegrid"
        aria-label="The network as a table"
        aria-rowcount={rows.length + 1}
        aria-activedescendant={inSight.some(({ index }) => rows[index]!.id === selected?.id) ? rowId(selected!.id) : undefined}
        tabIndex={0}
        onKeyDown={keys}
      >
        <div className="tree-head" role="row">
          {['Name', 'Type', 'State', 'Addresses', 'Links'].map((title) => (
            <div key={title} role="columnheader">
              {title}
            </div>
          ))}
        </div>
        <div role="rowgroup" className="tree-body" style={{ height: virtual.getTotalSize() }}>
          {inSight.map((item) => {
            const row = rows[item.index]!;
            return (
              <Row
                key={row.id}
                row={row}
                top={item.start}
                index={item.index}
                isOpen={open.includes(row.id)}
                isSelected={row.id === selected?.id}
                mark={marks.get(row.id)}
                glow={glowOf(row)}
                onToggle={onToggle}
                onSelect={onSelect}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

const lineOf = (
  { level, name, type, stateText, addresses, links, id, parent }: TreeRow,
  mark: Mark | undefined,
  glow: Glow,
): Readonly<Record<string, unknown>> => ({
  level,
  name,
  type,
  state: stateText,
  addresses,
  links,
  mark: mark ?? null,
  found: glow?.text || null,
  id,
  parent: parent ?? null,
});

/** Whether a row stands out, or steps back because others do. */
type Glow = { readonly look: 'found' | 'dim'; readonly text: string } | undefined;

const rowId = (id: string): string => `tree-${id}`;

interface RowProps extends Pick<TreeTableProps, 'onToggle' | 'onSelect'> {
  readonly row: TreeRow;
  readonly top: number;
  readonly index: number;
  readonly isOpen: boolean;
  readonly isSelected: boolean;
  readonly mark: Mark | undefined;
  readonly glow: Glow;
}

function Row({ row, top, index, isOpen, isSelected, mark, glow, onToggle, onSelect }: RowProps): JSX.Element {
  return (
    <div
      id={rowId(row.id)}
      role="row"
      aria-level={row.level}
      aria-rowindex={index + 2}
      aria-expanded={row.kind === 'group' ? isOpen : undefined}
      aria-selected={isSelected}
      className={`tree-row ${isSelected ? 'is-chosen' : ''} ${glow ? `is-${glow.look}` : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect({ kind: row.kind, id: row.id })}
      onDoubleClick={() => row.kind === 'group' && onToggle(row.id)}
    >
      <div role="gridcell" style={{ paddingLeft: 10 + (row.level - 1) * 20 }}>
        {row.kind === 'group' && (
          <button
            className={`tree-toggle ${isOpen ? 'is-open' : ''}`}
            tabIndex={-1}
            aria-label={`${isOpen ? 'Close' : 'Open'} ${row.name}`}
            onClick={(event) => {
              event.stopPropagation();
              onToggle(row.id);
            }}
          >
            <Icon name="chevron" />
          </button>
        )}
        <span>{row.name}</span>
        {mark && <span className={`mark mark-${mark}`}> {mark}</span>}
        {glow?.text && <span className="tree-found small"> {glow.text}</span>}
      </div>
      <div role="gridcell">{row.type}</div>
      <div role="gridcell" className={`state-${row.state}`}>
        {row.stateText}
      </div>
      <div role="gridcell">{row.addresses}</div>
      <div role="gridcell">{row.links}</div>
    </div>
  );
}
