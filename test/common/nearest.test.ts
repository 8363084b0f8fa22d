import { expect, it } from 'vitest';
import { nearest } from '../../src/common/nearest.js';

const WORDS = ['listen', 'dataDir', 'log-level', 'nodes', 'edges'];

it.each([
  ['listn', 'listen'],
  ['data-dir', 'dataDir'],
  ['DATADIR', 'dataDir'],
  ['loglevel', 'log-level'],
  ['node', 'nodes'],
  ['something else entirely', undefined],
  ['', undefined],
])('%j is nearest to %j', (written, expected) => expect(nearest(written, WORDS)).toBe(expected));

it('has nothing to say without candidates', () => expect(nearest('x', [])).toBeUndefined());
