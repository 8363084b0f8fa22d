import { describe, expect, it } from 'vitest';
import { renderData } from '../../src/cli/output/anyData.js';
import { printable } from '../../src/cli/output/colour.js';
import { renderTable, tableInParts, type Column } from '../../src/cli/output/table.js';
import { recordTerminal } from './terminal.js';

interface Row {
  readonly name: string;
  readonly state: string;
  readonly count: number;
}
const ROWS: readonly Row[] = [
  { name: 'eth0', state: 'UP', count: 7 },
  { name: 'a-rather-long-interface-name', state: 'DOWN', count: 1200 },
];
const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'COUNT', value: ({ count }) => count, right: true },
  { title: 'STATE', value: ({ state }) => state, colour: ({ state }) => (state === 'UP' ? 'good' : 'bad') },
];

describe('a table', () => {
  it('is aligned, and never cut in a pipe', () => {
    expect(renderTable(ROWS, COLUMNS, recordTerminal())).toBe(
      [
        'NAME                          COUNT  STATE',
        'eth0                              7  UP',
        'a-rather-long-interface-name   1200  DOWN',
        '',
      ].join('\n'),
    );
  });

  it('is cut to the width of a screen, widest column first', () => {
    const lines = renderTable(ROWS, COLUMNS, recordTerminal({ columns: 30 }))
      .trimEnd()
      .split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(30);
    expect(lines[2]).toMatch(/^a-rather-long-.*…\s+1200 {2}DOWN$/);
  });

  it('goes on below its titles, and never becomes narrower', () => {
    const table = tableInParts(COLUMNS, recordTerminal());
    expect(table(ROWS)).toBe(renderTable(ROWS, COLUMNS, recordTerminal()));
    expect(table(ROWS.slice(0, 1))).toBe('eth0                              7  UP\n');
  });

  it('has colours only where they are wanted', () => {
    expect(renderTable(ROWS, COLUMNS, recordTerminal())).not.toContain('\u001b');
    expect(renderTable(ROWS, COLUMNS, recordTerminal({ hasColour: true }))).toContain('\u001b[32mUP\u001b[0m');
  });

  it('lets no name steer the terminal', () => {
    const evil = renderTable([{ name: '\u001b[2Jgone\nnew', state: 'UP', count: 1 }], COLUMNS, recordTerminal());
    expect(evil).toContain('\\x1b[2Jgone\\x0anew');
    expect(printable('plain ünïcode 日本')).toBe('plain ünïcode 日本');
  });
});

describe('the data of any answer', () => {
  const render = (data: Record<string, unknown>) => renderData(data, recordTerminal());

  it('shows connections and lists as tables with columns of nested fields', () => {
    const expected = ['name  peer.name  addresses', 'a     b          10.0.0.1/24 10.0.0.2/24', 'c', ''].join('\n');
    const nodes = [
      { name: 'a', peer: { name: 'b' }, addresses: ['10.0.0.1/24', '10.0.0.2/24'] },
      { name: 'c', peer: { name: null }, addresses: [] },
    ];
    expect(render({ nodes: { nodes } })).toBe(expected);
    expect(render({ nodes: { edges: nodes.map((node) => ({ node, cursor: 'x' })) } })).toBe(expected);
    expect(render({ agents: nodes })).toBe(expected);
  });

  it('shows objects as names and values, their lists below', () => {
    expect(render({ status: { state: 'UP', agents: [{ host: 'a' }], totals: { nodes: 3 } } })).toBe(
      ['state         UP', 'totals.nodes  3', '', 'agents', 'host', 'a', ''].join('\n'),
    );
  });

  it('names the root fields when there are several', () => {
    expect(render({ a: 1, b: { nodes: [] } })).toBe('a\n1\n\nb\n(none)\n');
  });
});
