import type { JSX } from 'react';
import { Icon } from '../ui/Icon.js';
import type { Room } from './address.js';

const TITLES: Readonly<Record<Room, string>> = {
  map: 'Map',
  flows: 'Flows',
  captures: 'Captures',
  changes: 'Changes',
  rules: 'Rules',
  ask: 'Ask',
  status: 'Status',
};

/** The rooms of the page. */
export const RoomList = ({
  rooms,
  room,
  onRoom,
}: {
  readonly rooms: readonly Room[];
  readonly room: Room;
  onRoom(room: Room): void;
}): JSX.Element => (
  <nav className="rooms" aria-label="Rooms">
    {rooms.map((name) => (
      <button key={name} aria-current={room === name ? 'page' : undefined} onClick={() => onRoom(name)}>
        <Icon name={name} />
        <span>{TITLES[name]}</span>
      </button>
    ))}
  </nav>
);
