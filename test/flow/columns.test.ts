import { describe, expect, it } from 'vitest';
import { COLD, coldAt, coldFloatAt, FlowColumns, HOT, hotAt, hotFloatAt } from '../../src/flow/table/columns.js';

describe('the rows of a large table', () => {
  it('are cut out of blocks without touching each other', () => {
    let taken = 0;
    const columns = new FlowColumns((bytes) => {
      taken++;
      return new Uint8Array(new ArrayBuffer(bytes + 4096), 4096, bytes);
    });
    const rows = 200_000;
    for (let row = 0; row < rows; row++) {
      columns.take();
      columns.hot(row)[hotAt(row)] = row;
      columns.hotFloat(row)[hotFloatAt(row) + HOT.asked_F] = row + 0.25;
      columns.cold(row)[coldAt(row)] = -row;
      columns.cold(row)[coldAt(row) + COLD.words - 1] = row + 1;
      columns.coldFloat(row)[coldFloatAt(row) + COLD.linkId_F] = row + 0.5;
    }
    const isKept = (row: number): boolean =>
      columns.hot(row)[hotAt(row)] === row &&
      columns.hotFloat(row)[hotFloatAt(row) + HOT.asked_F] === row + 0.25 &&
      columns.cold(row)[coldAt(row)] === -row &&
      columns.cold(row)[coldAt(row) + COLD.words - 1] === row + 1 &&
      columns.coldFloat(row)[coldFloatAt(row) + COLD.linkId_F] === row + 0.5;
    expect(Array.from({ length: rows }, (_, row) => row).filter((row) => !isKept(row))).toEqual([]);
    expect(taken).toBe(2);
    // Blocks are resident as far as rows were taken from them, and counted so.
    expect(columns.bytes / rows).toBeLessThan(255);
  });
});
