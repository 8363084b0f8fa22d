import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MEASURES } from '../../web/map/scene/measures.js';
import { type Address, FORMS, GROUPINGS, OPS, RANGES, readAddress, ROOMS, START, writeAddress } from '../../web/app/address.js';

const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const instant = fc.option(
  fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString()),
  { nil: undefined },
);
const addresses: fc.Arbitrary<Address> = fc.record({
  room: fc.constantFrom(...ROOMS),
  groupBy: fc.constantFrom(...GROUPINGS),
  groupPath: text,
  at: instant,
  since: instant,
  open: fc.array(text, { maxLength: 5 }),
  selected: fc.option(
    fc.record({ kind: fc.constantFrom('node' as const, 'edge' as const, 'group' as const), id: fc.string({ minLength: 1 }) }),
    { nil: undefined },
  ),
  focus: fc.option(fc.record({ id: fc.string({ minLength: 1 }), hops: fc.integer({ min: 1, max: 5 }) }), { nil: undefined }),
  find: text,
  findMode: fc.constantFrom('dim' as const, 'hide' as const),
  layers: fc.option(fc.array(fc.constantFrom('physical', 'l2', 'tunnels'), { minLength: 1 }), { nil: undefined }),
  also: fc.array(text, { maxLength: 3 }),
  trail: fc.array(text, { maxLength: 3 }),
  colour: fc.constantFrom(...MEASURES),
  colourPath: text,
  form: fc.constantFrom(undefined, ...FORMS),
  range: fc.constantFrom(...RANGES),
  flows: fc.record({ address: text, port: text, protocol: text, application: text, ofSelected: fc.boolean(), capture: text }),
  flow: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  changes: fc.record({
    ops: fc.subarray([...OPS]),
    kinds: fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }),
    host: text,
  }),
  ask: fc.option(text, { nil: undefined }),
});

describe('the address of the page', () => {
  it('holds everything that it was given', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        expect(readAddress(writeAddress(address))).toEqual({ address, problems: [] });
      }),
    );
  });

  it('is empty at the start', () => expect(writeAddress(START)).toBe(''));

  it('opens what makes sense and names what does not', () => {
    const { address, problems } = readAddress('?v=0&room=attic&at=yesterday&find=type%3Aveth&selected=veth3&hops=x&focus=a');
    expect(address).toMatchObject({ ...START, find: 'type:veth', focus: { id: 'a', hops: 1 } });
    expect(problems).toEqual(['v=0', 'room=attic', 'at=yesterday', 'selected=veth3', 'hops=x']);
  });

  it('names parameters that mean nothing, and opens the filters of addresses of Skydive', () => {
    const { address, problems } = readAddress('?colours=rate&layers=l2,l9&what=added,burnt&x=1');
    expect(address).toEqual({ ...START, layers: ['l2'], changes: { ops: ['ADDED'], kinds: [], host: '' } });
    expect(problems).toEqual(['layers=l9', 'what=burnt', 'colours=rate', 'x=1']);
    expect(readAddress("?filter=G.V().Has('Type','veth')&topology_legend_hide=true")).toEqual({
      address: { ...START, find: "G.V().Has('Type','veth')", findMode: 'hide' },
      problems: ['topology_legend_hide=true'],
    });
    expect(readAddress('?highlight=G.V()').address).toEqual({ ...START, find: 'G.V()' });
  });

  it('reads any text without failing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (search) => void readAddress(search)));
  });
});
