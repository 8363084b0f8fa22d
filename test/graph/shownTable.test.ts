import { describe, expect, it } from 'vitest';
import { shownTable } from '../../src/graph/shownTable.js';
import { tableOf } from '../../src/graph/tables.js';

const hop = (IfIndex: number) => ({ Priority: 0, IfIndex });

describe('a table inside metadata', () => {
  it('is a list of its rows', () => {
    const table = tableOf([
      ['10.0.0.1', { IP: '10.0.0.1', State: ['NUD_REACHABLE'] }],
      ['10.0.0.2', { IP: '10.0.0.2', State: ['NUD_REACHABLE'] }],
    ]);
    expect(shownTable('Neighbors', table)).toEqual([
      { IP: '10.0.0.1', State: ['NUD_REACHABLE'] },
      { IP: '10.0.0.2', State: ['NUD_REACHABLE'] },
    ]);
    expect(shownTable('Neighbors', undefined)).toEqual([]);
  });

  it('has what is measured of its rows laid over them', () => {
    const table = tableOf([['10.0.0.1', { IP: '10.0.0.1', State: ['NUD_REACHABLE'] }]]);
    const measured = { '10.0.0.1': { State: ['NUD_STALE'] }, '10.0.0.9': { State: ['NUD_DELAY'] } };
    expect(shownTable('Neighbors', table, measured)).toEqual([{ IP: '10.0.0.1', State: ['NUD_STALE'] }]);
  });

  it('groups routes by routing table, as old clients know them', () => {
    const table = tableOf([
      ['254 10.0.0.0/8 0 0', { ID: 254, Protocol: 4, Prefix: '10.0.0.0/8', NextHops: [hop(3)] }],
      ['255 10.7.0.1/32 0 0', { ID: 255, Protocol: 2, Prefix: '10.7.0.1/32', Src: '10.7.0.1', NextHops: [hop(3)] }],
      ['254 10.9.0.0/16 0 0', { ID: 254, Protocol: 2, Prefix: '10.9.0.0/16', Src: '10.9.0.1', NextHops: [hop(3)] }],
    ]);
    const shown = shownTable('RoutingTables', table) as { ID: number }[];
    expect(shown.sort((a, b) => a.ID - b.ID)).toMatchObject([
      { ID: 254, Routes: [{ Protocol: expect.any(Number) as number, NextHops: [hop(3)] }, {}] },
      { ID: 255, Src: '10.7.0.1', Routes: [{ Protocol: 2, Prefix: '10.7.0.1/32', NextHops: [hop(3)] }] },
    ]);
    expect(JSON.stringify(shown)).not.toContain('"ID":254,"Protocol"');
  });

  it("leaves a publisher's own shape as it is", () => {
    const own = { ID: 254, Src: null, Routes: [{ Protocol: 2, Prefix: '10.0.0.0/8', NextHops: [hop(3)] }] };
    expect(shownTable('RoutingTables', tableOf([['254', own]]))).toEqual([own]);
  });
});
