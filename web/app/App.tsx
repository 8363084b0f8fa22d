import { type JSX, lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { useDifference } from '../changes/useDifference.js';
import { graphql } from '../data/graphql.js';
import { type Grouping, groupOf } from '../data/grouping.js';
import { groupsOf } from '../data/groupsOf.js';
import { useMay } from '../data/rights.js';
import { useListening } from '../data/useListening.js';
import { DetailsRoom } from '../details/DetailsRoom.js';
import { metadataCondition, withCondition } from '../find/conditions.js';
import { FindBox } from '../find/FindBox.js';
import { useFound } from '../find/useFound.js';
import { MapRoom } from '../map/MapRoom.js';
import { type Measure, MEASURES } from '../map/scene/measures.js';
import { TimeBar } from '../timeline/TimeBar.js';
import { MOST_ALSO, MOST_TRAIL, ROOMS, START } from './address.js';
import './app.css';
import icon from '../icon.svg';
import { ConnectionSign } from './ConnectionSign.js';
import { Keys } from './Keys.js';
import { Notices } from './Notices.js';
import { RoomBoundary } from './RoomBoundary.js';
import { RoomList } from './RoomList.js';
import { SignIn, useSignIn, ViewerMenu } from './SignIn.js';
import { useAddress } from './useAddress.js';
import { useKeys } from './useKeys.js';
import { useNarrow } from './useNarrow.js';
import { useTheme } from './useTheme.js';
import { ViewMenu } from './ViewMenu.js';
import { Icon } from '../ui/Icon.js';

const AskRoom = lazy(() => import('../ask/AskRoom.js').then(({ AskRoom }) => ({ default: AskRoom })));
const RulesRoom = lazy(() => import('../rules/RulesRoom.js').then(({ RulesRoom }) => ({ default: RulesRoom })));
const StatusRoom = lazy(() => import('../status/StatusRoom.js').then(({ StatusRoom }) => ({ default: StatusRoom })));
const FlowsRoom = lazy(() => import('../flows/FlowsRoom.js').then(({ FlowsRoom }) => ({ default: FlowsRoom })));
const CapturesRoom = lazy(() => import('../captures/CapturesRoom.js').then(({ CapturesRoom }) => ({ default: CapturesRoom })));
const ChangesRoom = lazy(() => import('../changes/ChangesRoom.js').then(({ ChangesRoom }) => ({ default: ChangesRoom })));

/** Keeps the line open in every room, so that a loss is seen at once. */
const Alive = graphql(`
  subscription Alive {
    statusChanges {
      version
    }
  }
`);

/** Groups that are opened because something in them is lit: more are a picture of everything. */
const MOST_OPENED_BY_LIGHT = 8;

const NOTHING: ReadonlySet<string> = new Set();

/** The frame in which the rooms meet: each is told the state of the address, and says what should be different. */
export function App(): JSX.Element {
  const { address, problems, change } = useAddress();
  const { theme, turn } = useTheme();
  const { isRefused, viewer } = useSignIn();
  const [mayNodeRules, mayLinkRules] = [useMay('noderule:read'), useMay('edgerule:read')];
  const mayRules = mayNodeRules && mayLinkRules;
  const [isHelping, setHelping] = useState(false);
  const [fitTurn, setFitTurn] = useState(0);
  const [lit, setLit] = useState<ReadonlySet<string>>(NOTHING);
  useListening(Alive, {});

  const { room, at, since, selected, also, find, focus, trail } = address;
  // On a phone the list comes first, and the picture when somebody asks for it.
  const isNarrow = useNarrow();
  const form = address.form ?? (isNarrow ? 'table' : 'picture');
  const grouping = useMemo<Grouping>(() => ({ by: address.groupBy, path: address.groupPath }), [address.groupBy, address.groupPath]);
  const measure = useMemo<Measure>(() => ({ name: address.colour, path: address.colourPath }), [address.colour, address.colourPath]);
  const found = useFound(find, address.findMode, grouping, at);
  const difference = useDifference(since, at, found.filter);
  const chosen = useMemo(() => (also.length > 0 && selected ? [selected.id, ...also] : []), [also, selected]);
  const select = useCallback((next: typeof selected) => change({ selected: next, also: [] }), [change]);
  const selectMany = useCallback(
    ([first, ...also]: readonly string[]) =>
      change({ selected: first === undefined ? undefined : { kind: 'node', id: first }, also: also.slice(0, MOST_ALSO) }),
    [change],
  );
  const focusOn = (id: string): void => {
    if (focus?.id !== id) change({ room: 'map', focus: { id, hops: 1 }, trail: focus ? [...trail, focus.id].slice(-MOST_TRAIL) : [] });
  };
  const stepBack = (): void => {
    const last = trail.at(-1);
    change({ focus: last === undefined ? undefined : { id: last, hops: 1 }, trail: trail.slice(0, -1) });
  };
  const light = async (ids: ReadonlySet<string>): Promise<void> => {
    setLit(ids);
    // What is in a closed group could not be seen.
    const groups = await groupsOf([...ids], grouping, at);
    const opened = [...address.open, ...groups.slice(0, MOST_OPENED_BY_LIGHT)];
    change({ room: 'map', open: [...new Set(opened)] });
  };
  const goTo = useCallback((time: string | undefined) => change({ at: time }), [change]);

  useKeys({
    find: () => document.getElementById('find')?.focus(),
    live: () => change({ at: undefined, since: undefined }),
    fit: () => setFitTurn((count) => count + 1),
    table: () => change({ room: 'map', form: form === 'table' ? 'picture' : 'table' }),
    colour: () => change({ colour: MEASURES[(MEASURES.indexOf(address.colour) + 1) % MEASURES.length]! }),
    help: () => setHelping(true),
    back: () => (isHelping ? setHelping(false) : selected ? select(undefined) : focus ? stepBack() : change({ since: undefined })),
  });
  if (isRefused) return <SignIn />;

  const details = selected && room !== 'status' && room !== 'rules';
  // What went is shown as it was.
  const detailsAt = selected && difference.marks?.byId.get(selected.id) === 'removed' ? since : at;
  return (
    <div className={`frame ${details ? 'has-details' : ''} room-${room}`}>
      <header className="bar">
        <h1 className="bar-name">
          <img src={icon} width="20" height="20" alt="" /> Canopy
        </h1>
        <FindBox
          text={find}
          mode={address.findMode}
          result={found}
          onText={(text) => change({ find: text })}
          onMode={(findMode) => change({ findMode })}
        />
        <ViewMenu address={address} form={form} change={change} />
        <ConnectionSign at={at} onLive={() => change({ at: undefined, since: undefined })} />
        <button
          className="button is-plain is-icon"
          onClick={turn}
          aria-label={theme === 'dark' ? 'Light colours' : 'Dark colours'}
          title="Light or dark"
        >
          <Icon name="sun" />
        </button>
        <button className="button is-plain is-icon bar-keys" onClick={() => setHelping(true)} aria-label="Keys" title="All keys (?)">
          <Icon name="help" />
        </button>
        {viewer && <ViewerMenu viewer={viewer} />}
      </header>
      <RoomList rooms={ROOMS.filter((name) => name !== 'rules' || mayRules)} room={room} onRoom={(next) => change({ room: next })} />
      <main className="main">
        <Notices
          problems={problems}
          at={at}
          since={since}
          focus={focus}
          isDeep={trail.length > 0}
          onStepBack={stepBack}
          difference={difference}
          change={change}
        />
        <div className="main-room">
          {room === 'map' && (
            <MapRoom
              grouping={grouping}
              focus={focus}
              at={at}
              open={address.open}
              selected={selected}
              also={also}
              found={found.found}
              marks={difference.marks}
              lit={lit}
              layers={address.layers}
              measure={measure}
              form={form}
              theme={theme}
              fitTurn={fitTurn}
              onOpen={(open) => change({ open })}
              onSelect={select}
              onSelectMany={selectMany}
              onFocus={focusOn}
              onProbes={() => change({ room: 'status' })}
            />
          )}
          {at !== undefined && (room === 'captures' || room === 'rules' || room === 'status') && (
            <p className="notice">What stands here is of the present, whatever moment is looked at.</p>
          )}
          <RoomBoundary name={room}>
            <Suspense fallback={<p className="empty">Loading…</p>}>
              {room === 'changes' && (
                <ChangesRoom
                  difference={difference}
                  filter={found.filter}
                  range={address.range}
                  at={at}
                  since={since}
                  selected={selected?.id}
                  shown={address.changes}
                  onShown={(changes) => change({ changes })}
                  onSelect={select}
                  onTime={goTo}
                  onMoment={({ at, since, element: { __typename, id, host, origin, ...rest } }) => {
                    const group = groupOf(grouping, { host, origin, type: 'type' in rest ? rest.type : '' });
                    const open = group === undefined || address.open.includes(group) ? address.open : [...address.open, group];
                    change({ room: 'map', at, since, open, selected: { kind: __typename === 'Edge' ? 'edge' : 'node', id } });
                  }}
                />
              )}
              {room === 'flows' && (
                <FlowsRoom
                  at={at}
                  range={address.range}
                  wanted={address.flows}
                  flow={address.flow}
                  selected={selected}
                  grouping={grouping}
                  onWanted={(flows) => change({ flows })}
                  onFlow={(flow) => change({ flow })}
                  onLight={(ids) => void light(ids)}
                  onSelect={select}
                  onCaptures={() => change({ room: 'captures' })}
                />
              )}
              {room === 'captures' && (
                <CapturesRoom
                  node={selected?.kind === 'node' ? selected.id : undefined}
                  chosen={chosen}
                  filter={found.reading.kind === 'filter' ? found.filter : undefined}
                  gremlin={found.reading.kind === 'gremlin' ? found.reading.query : undefined}
                  onSelect={select}
                  onFlow={(flow) => change({ room: 'flows', flow, flows: { ...START.flows, ofSelected: false } })}
                  onFlowsOf={(capture) => change({ room: 'flows', flow: undefined, flows: { ...START.flows, ofSelected: false, capture } })}
                  onLight={(ids) => void light(ids)}
                />
              )}
              {room === 'ask' && (
                <AskRoom
                  at={at}
                  text={address.ask}
                  onText={(text) => change({ ask: text })}
                  onLight={(ids) => void light(ids)}
                  onSelect={select}
                />
              )}
              {room === 'rules' && <RulesRoom />}
              {room === 'status' && <StatusRoom onSelect={select} />}
            </Suspense>
          </RoomBoundary>
        </div>
      </main>
      {details && (
        <DetailsRoom
          selected={selected}
          also={also}
          grouping={grouping}
          at={detailsAt}
          theme={theme}
          onSelect={select}
          onSelectMany={selectMany}
          onTime={goTo}
          onFilter={(path, value) => change({ find: withCondition(find, metadataCondition(path, value)) })}
          onCapture={() => change({ room: 'captures' })}
          onFlows={() => change({ room: 'flows' })}
          onFlow={(flow) => change({ room: 'flows', flow })}
          onAsk={(query) => change({ room: 'ask', ask: query })}
          onFocus={focusOn}
        />
      )}
      <TimeBar
        at={at}
        since={since}
        range={address.range}
        filter={found.filter}
        theme={theme}
        onTime={goTo}
        onSince={(time) => change({ since: time })}
        onRange={(range) => change({ range })}
      />
      {isHelping && <Keys onClose={() => setHelping(false)} />}
    </div>
  );
}
