import { describe, expect, it } from 'vitest';
import { fitting } from '../../web/ui/columns.js';

const columns = [
  { title: 'From', width: 'minmax(100px, 1fr)' },
  { title: 'Sent', isNumber: true, yields: 1 },
  { title: 'State', yields: 2 },
];
const titles = (room: number | undefined): string[] => fitting(columns, room).map(({ title }) => title);

describe('columns of a table', () => {
  it.each([
    [undefined, ['From', 'Sent', 'State']],
    [272, ['From', 'Sent', 'State']],
    [271, ['From', 'Sent']],
    [183, ['From']],
    [10, ['From']],
  ])('give way where there is no room for them, in %s pixels', (room, shown) => expect(titles(room)).toEqual(shown));
});
