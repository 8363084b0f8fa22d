import { type JSX, useState } from 'react';
import { Icon } from '../ui/Icon.js';
import { Menu } from '../ui/Menu.js';
import type { MeasureName } from '../map/scene/measures.js';
import { LAYERS, PRESETS } from '../map/scene/layers.js';
import type { Address, Form, GroupBy } from './address.js';
import { ViewsMenu } from './ViewsMenu.js';

const GROUPS: readonly (readonly [GroupBy, string])[] = [
  ['HOST', 'Host'],
  ['TYPE', 'Type'],
  ['ORIGIN', 'Who published it'],
  ['METADATA', 'A value of metadata'],
];

const COLOURS: readonly (readonly [MeasureName, string])[] = [
  ['state', 'State'],
  ['rate', 'Bit rate'],
  ['use', 'Used share of the speed'],
  ['drops', 'Dropped packets'],
  ['number', 'A number of metadata'],
];

interface ViewMenuProps {
  readonly address: Address;
  /** What is shown: the address may leave it to the window. */
  readonly form: Form;
  change(change: Partial<Address>): void;
}

/** What makes a group, which layers are shown, and whether as a picture or a table. */
export function ViewMenu({ address, form, change }: ViewMenuProps): JSX.Element {
  const { layers, groupBy } = address;
  const preset = PRESETS.find((candidate) => String(candidate.layers) === String(layers));
  const toggle = (name: string): void => {
    const now = layers ?? LAYERS.map((layer) => layer.name);
    const next = now.includes(name) ? now.filter((other) => other !== name) : [...now, name];
    change({ layers: next.length === LAYERS.length ? undefined : next });
  };
  return (
    <div className="view-menu">
      <Menu title="View" icon="map">
        <fieldset>
          <legend>Groups</legend>
          {GROUPS.map(([by, title]) => (
            <label key={by}>
              <input type="radio" name="group-by" checked={groupBy === by} onChange={() => change({ groupBy: by, open: [] })} /> {title}
            </label>
          ))}
          {groupBy === 'METADATA' && (
            <PathInput
              label="Dotted path of the value that groups"
              act="Group"
              path={address.groupPath}
              onPath={(groupPath) => change({ groupPath, open: [] })}
            />
          )}
        </fieldset>
        <fieldset>
          <legend>Colours</legend>
          {COLOURS.map(([name, title]) => (
            <label key={name}>
              <input type="radio" name="colour" checked={address.colour === name} onChange={() => change({ colour: name })} /> {title}
            </label>
          ))}
          {address.colour === 'number' && (
            <PathInput
              label="Dotted path of the number that colours"
              act="Colour"
              placeholder="MTU"
              path={address.colourPath}
              onPath={(colourPath) => change({ colourPath })}
            />
          )}
        </fieldset>
      </Menu>
      <Menu title={preset && preset.layers ? preset.title : layers ? 'Own layers' : 'Layers'} icon="layers">
        <fieldset>
          <legend>Presets</legend>
          {PRESETS.map(({ title, layers: named }) => (
            <label key={title}>
              <input type="radio" name="preset" checked={String(named) === String(layers)} onChange={() => change({ layers: named })} />{' '}
              {title}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>Layers</legend>
          {LAYERS.map(({ name, title }) => (
            <label key={name}>
              <input type="checkbox" checked={layers?.includes(name) ?? true} onChange={() => toggle(name)} /> {title}
            </label>
          ))}
        </fieldset>
      </Menu>
      <ViewsMenu address={address} change={change} />
      <button
        className="button is-icon"
        aria-pressed={form === 'table'}
        aria-label="As a table"
        title="The same as a table (t)"
        onClick={() => change({ room: 'map', form: form === 'table' ? 'picture' : 'table' })}
      >
        <Icon name="table" />
      </button>
    </div>
  );
}

interface PathInputProps {
  readonly label: string;
  readonly act: string;
  readonly placeholder?: string;
  readonly path: string;
  onPath(path: string): void;
}

function PathInput({ label, act, placeholder = 'Site.Name', path, onPath }: PathInputProps): JSX.Element {
  const [text, setText] = useState(path);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onPath(text.trim());
      }}
    >
      <input
        className="input"
        aria-label={label}
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button className="button">{act}</button>
    </form>
  );
}
