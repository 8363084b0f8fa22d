import { type JSX, useId } from 'react';
import { graphql } from '../data/graphql.js';
import type { TopologyFilter } from '../data/follow.js';
import type { ListedChange, Meant } from '../data/changesOf.js';
import { useAnswer } from '../data/useAnswer.js';
import { Icon } from '../ui/Icon.js';
import { Menu } from '../ui/Menu.js';

/** Which changes somebody wants to see; empty for all. */
export interface Shown {
  readonly ops: readonly ListedChange['op'][];
  readonly kinds: readonly string[];
  readonly host: string;
}

const WAYS = [
  ['ADDED', '+', 'Added', 'added'],
  ['REMOVED', '−', 'Removed', 'removed'],
  ['UPDATED', 'Δ', 'Changed', 'changed'],
] as const;

/** Links say what they relate; these are always offered. */
const RELATIONS = ['ownership', 'layer2', 'layer3'];
/** Hosts that are offered while one is typed. */
const MOST_HOSTS = 200;

const Choices = graphql(`
  query ChoicesOfChanges($at: DateTime) {
    types: topologyOverview(groupBy: TYPE, at: $at) {
      groups {
        label
      }
    }
    hosts: topologyOverview(groupBy: HOST, at: $at) {
      groups {
        label
      }
    }
  }
`);

/** What the analyzer is asked for it, within what the filter leaves. */
export function meantBy({ ops, kinds, host }: Shown, filter: TopologyFilter | undefined): Meant {
  const on = { host: { eq: host } };
  const nodes = filter?.nodes ? { and: [filter.nodes, on] } : on;
  return {
    filter: host === '' ? filter : { ...filter, nodes },
    ops: ops.length > 0 ? ops : undefined,
    kinds: kinds.length > 0 ? kinds : undefined,
  };
}

interface ChangesFilterProps {
  readonly shown: Shown;
  readonly at: string | undefined;
  /** Kinds that are in the list, whether they still are in the network or not. */
  readonly listed: ReadonlySet<string>;
  onShown(shown: Shown): void;
}

/** Narrows the list to what came, went or changed, to kinds of things, to a host. Words and everything else are for the box at the top. */
export function ChangesFilter({ shown, at, listed, onShown }: ChangesFilterProps): JSX.Element {
  const list = useId();
  const { ops, kinds, host } = shown;
  const { data } = useAnswer(Choices, { at: at ?? null });
  const types = new Set([...(data?.types.groups ?? []).map(({ label }) => label), ...listed, ...kinds]);
  for (const relation of RELATIONS) types.delete(relation);
  const put = (part: Partial<Shown>): void => onShown({ ...shown, ...part });
  const turn = (op: Shown['ops'][number]): void => {
    const now = ops.length > 0 ? ops : WAYS.map(([way]) => way);
    const next = now.includes(op) ? now.filter((other) => other !== op) : [...now, op];
    put({ ops: next.length === WAYS.length ? [] : next });
  };
  return (
    <div className="changes-filter" role="group" aria-label="Which changes">
      {WAYS.map(([op, sign, word, mark]) => (
        <button key={op} className="button" aria-pressed={ops.length === 0 || ops.includes(op)} onClick={() => turn(op)}>
          <span className={`mark-${mark}`} aria-hidden="true">
            {sign}
          </span>
          {word}
        </button>
      ))}
      <Menu title={kinds.length === 0 ? 'All kinds' : kinds.length > 2 ? `${kinds.length} kinds` : kinds.join(', ')} icon="filter" isLeft>
        <Kinds title="Things" names={[...types].filter(Boolean).sort()} chosen={kinds} onChosen={(next) => put({ kinds: next })} />
        <Kinds title="Links" names={RELATIONS} chosen={kinds} onChosen={(next) => put({ kinds: next })} />
        <p className="small muted">All are listed while none is chosen.</p>
      </Menu>
      <input
        className="input"
        aria-label="Only on this host"
        placeholder="On any host"
        list={list}
        value={host}
        onChange={(event) => put({ host: event.target.value })}
      />
      <datalist id={list}>
        {(data?.hosts.groups ?? []).slice(0, MOST_HOSTS).map(({ label }) => (
          <option key={label} value={label} />
        ))}
      </datalist>
      {(ops.length > 0 || kinds.length > 0 || host !== '') && (
        <button className="button is-plain" onClick={() => onShown({ ops: [], kinds: [], host: '' })}>
          <Icon name="close" /> All changes
        </button>
      )}
    </div>
  );
}

interface KindsProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly chosen: readonly string[];
  onChosen(kinds: readonly string[]): void;
}

const Kinds = ({ title, names, chosen, onChosen }: KindsProps): JSX.Element => (
  <fieldset>
    <legend>{title}</legend>
    {names.map((name) => (
      <label key={name}>
        <input
          type="checkbox"
          checked={chosen.includes(name)}
          onChange={() => onChosen(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name])}
        />{' '}
        {name}
      </label>
    ))}
  </fieldset>
);
