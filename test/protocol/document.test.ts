import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CloseCode } from '../../src/protocol/closeCodes.js';
import * as limits from '../../src/protocol/limits.js';
import { DELTA_FIELDS, MESSAGE_FIELDS } from '../../src/protocol/messageTypes.js';
import { PICTURE_REASONS, SUB_PROTOCOL } from '../../src/protocol/session.js';
import { PROBE_STATES } from '../../src/protocol/status.js';

const page = readFileSync(new URL('../../src/protocol/PROTOCOL.md', import.meta.url), 'utf8');

/** Table rows as trimmed cells. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** Fields in the cell of a row that begins with a number and a name. */
const fieldsOf = (number: string, name: string, cell: number): (string | undefined)[] => {
  const row = rows.find((cells) => cells[0] === number && cells[1] === name);
  return [...(row?.[cell] ?? '').matchAll(/(?:^|· )`(\w+)`/gu)].map(([, field]) => field);
};

describe('PROTOCOL.md says what the code does', () => {
  it.each(Object.entries(MESSAGE_FIELDS))('of message %s', (type, [name, ...fields]) => {
    expect(fieldsOf(type, name, 3)).toEqual(fields);
  });

  it.each(Object.entries(DELTA_FIELDS))('of delta %s', (type, [name, , , ...fields]) => {
    expect(rows.some((cells) => cells[0] === type && cells[1] === name)).toBe(true);
    expect(fieldsOf(type, name, 2)).toEqual(fields);
  });

  it('of close codes, reasons, states and limits', () => {
    const firstCells = rows.map(([first]) => first);
    expect(firstCells).toEqual(expect.arrayContaining(Object.values(CloseCode).map(String)));
    expect(firstCells).toEqual(expect.arrayContaining(PICTURE_REASONS.map((reason) => `\`${reason}\``)));
    for (const state of PROBE_STATES) expect(page).toContain(`\`${state}\``);
    expect(page).toContain(`\`${SUB_PROTOCOL}\``);
    const stated = page.slice(page.indexOf('## 10.'));
    const { MAX_MESSAGE_BYTES, MAX_AGE_MS: _age, ...numbers } = limits;
    expect(stated).toContain(`${MAX_MESSAGE_BYTES / 2 ** 20} MiB`);
    for (const number of Object.values(numbers)) expect(stated).toContain(number.toLocaleString('en-US'));
  });
});
