import { Packr } from 'msgpackr/pack';
import { describe, expect, it } from 'vitest';
import { CanopyError } from '../../src/common/errors.js';
import { decodeFromAgent, decodeFromHub, encode } from '../../src/protocol/codec.js';
import { MAX_METADATA_DEPTH } from '../../src/protocol/limits.js';
import type { AgentMessage, HubMessage } from '../../src/protocol/messages.js';
import { agentMessages, hubMessages, STAMP } from './builders.js';

const packr = new Packr({ useRecords: false });
/** A message as bytes without the help of our types. */
const raw = (value: unknown): Uint8Array => packr.pack(value);

function violation(bytes: Uint8Array): string {
  try {
    decodeFromAgent(bytes, 0);
  } catch (error) {
    expect(error).toBeInstanceOf(CanopyError);
    expect((error as CanopyError).code).toBe('PROTOCOL_VIOLATION');
    return (error as CanopyError).message;
  }
  throw new Error('was taken');
}

/** DELTAS with one delta. */
const deltas = (...list: unknown[]): Uint8Array => raw([16, 1, STAMP, list]);
const putNode = (metadata: unknown, tables: unknown = null): unknown[] => [1, 0, 'id', 'host', metadata, tables];

describe('every message', () => {
  it.each(agentMessages.map((message): [string, AgentMessage] => [message.kind, message]))(
    '%s of an agent comes out as it went in',
    (_kind, message) => {
      expect(decodeFromAgent(encode(message), 0)).toEqual(message);
    },
  );

  it.each(hubMessages.map((message): [string, HubMessage] => [message.kind, message]))(
    '%s of the analyzer comes out as it went in',
    (_kind, message) => {
      expect(decodeFromHub(encode(message))).toEqual(message);
    },
  );

  it('is refused by the side it is not for', () => {
    for (const message of agentMessages) expect(() => decodeFromHub(encode(message))).toThrow(/not a message for this side/);
    for (const message of hubMessages) expect(() => decodeFromAgent(encode(message), 0)).toThrow(/not a message for this side/);
  });

  it('is refused with a field too few or too many', () => {
    for (const message of agentMessages) {
      const fields = packr.unpack(encode(message)) as unknown[];
      expect(violation(raw(fields.slice(0, -1)))).toMatch(/fields, got/);
      expect(violation(raw([...fields, 1]))).toMatch(/fields, got/);
    }
  });
});

describe('stamps', () => {
  it('are moved by the offset of the clock', () => {
    const message = {
      kind: 'deltas',
      first: 1,
      stamp: STAMP,
      deltas: [
        { op: 'remove', id: 'a', observedAt: STAMP + 5 },
        { op: 'remove', id: 'b' },
      ],
    } as const;
    expect(decodeFromAgent(encode(message), 1_000)).toMatchObject({ deltas: [{ observedAt: STAMP - 995 }, { observedAt: STAMP - 1_000 }] });
  });
});

describe('numbers', () => {
  it('that are integral floats or negative zeros come out as plain integers', () => {
    // 1.0 as float 64, -0.0 as float 64
    const one = Buffer.from([0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]);
    const minusZero = Buffer.from([0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    const head = Buffer.from(deltas(putNode({ a: 'first', b: 'second' })));
    const [first, second] = [head.indexOf('first'), head.indexOf('second')];
    const bytes = Buffer.concat([
      head.subarray(0, first - 1),
      one,
      head.subarray(first + 'first'.length, second - 1),
      minusZero,
      head.subarray(second + 'second'.length),
    ]);
    const message = decodeFromAgent(bytes, 0);
    const metadata = message.kind === 'deltas' && message.deltas[0]?.op === 'putNode' ? message.deltas[0].metadata : {};
    expect(Object.is(metadata.a, 1)).toBe(true);
    expect(Object.is(metadata.b, 0)).toBe(true);
  });

  it('of 64 bits come out as numbers', () => {
    const message = decodeFromAgent(deltas(putNode({ big: 2n ** 60n, small: -(2n ** 60n) })), 0);
    expect(message).toMatchObject({ deltas: [{ metadata: { big: 2 ** 60, small: -(2 ** 60) } }] });
  });

  it.each([NaN, Infinity, -Infinity])('%d are refused', (value) => {
    expect(violation(deltas(putNode({ Load: value })))).toBe(`DELTAS deltas[0].metadata.Load: expected JSON, got ${value}`);
  });
});

describe('a violation names the place', () => {
  it.each([
    [deltas(putNode({}), putNode({}), putNode({}), [1, 0, 7, 'host', {}, null]), /^DELTAS deltas\[3\]\.id: expected 1 to 256 characters/],
    [deltas(putNode({}), putNode({ Name: { x: [1, NaN] } })), /^DELTAS deltas\[1\]\.metadata\.Name\.x\[1\]: /],
    [deltas(putNode({}, { Routes: { r: 'x' } })), /^DELTAS deltas\[0\]\.tables\.Routes\.r: expected an object, got a text of 1 characters/],
    [deltas([2, 0, 'e', 'host', 'p', 'c', {}]), /^DELTAS deltas\[0\]\.metadata\.RelationType: /],
    [deltas([3, 0, 'e', [['a..b', 1]], null]), /^DELTAS deltas\[0\]\.set\[0\]: a path may not hold/],
    [deltas([3, 0, 'e', null, ['a.__proto__.b']]), /^DELTAS deltas\[0\]\.unset\[0\]: a path may not hold/],
    [deltas([3, 0, 'e', [['constructor.prototype.x', 1]], null]), /^DELTAS deltas\[0\]\.set\[0\]: /],
    [deltas([4, 0, 'e', 'Routes', [['k', 3]], null]), /^DELTAS deltas\[0\]\.put\[0\]\.k: expected an object, got 3/],
    [deltas([9, 0, 'e']), /^DELTAS deltas\[0\]: expected a delta of type 1 to 6, got 9/],
    [deltas([6, 0.5, 'e']), /^DELTAS deltas\[0\]\.age: /],
    [deltas([6, 0, 'e\n']), /^DELTAS deltas\[0\]\.id: .*control/],
    [deltas(), /^DELTAS deltas: expected at least one/],
    [raw([16, 0, STAMP, [[6, 0, 'e']]]), /^DELTAS first: /],
    [raw([21, 0, STAMP, [[6, 0, 'e']]]), /^PICTURE_PAGE elements\[0\]: a picture has no remove/],
    [
      raw([
        5,
        [
          ['a', 'RUNNING', null, [], 0, 0, 0, 0, 0],
          ['a', 'RUNNING', null, [], 0, 0, 0, 0, 0],
        ],
      ]),
      /^STATUS probes\[1\]\.name: /,
    ],
    [raw([5, [['a', 'RUNNING', null, [], 0, 0, 0, -1, 0]]]), /^STATUS probes\[0\]\.busyPercent: expected a number from 0/],
    [raw([5, [['a', 'SLEEPING', null, [], 0, 0, 0, 0, 0]]]), /^STATUS probes\[0\]\.state: expected one of STARTING/],
    [raw([1, [1, 1], 's', 'h', 'h', 'i', 1, 0, null, 1]), /^HELLO origin: expected <service>\.<host>/],
    [raw([1, [1, 1], 's', 'h', 'a.b.h', 'i', 1, 0, null, 1]), /^HELLO origin: .*without dots/],
    [raw([1, [2, 1], 's', 'h', 'a.h', 'i', 1, 0, null, 1]), /^HELLO versions\[1\]: /],
    [raw([1, [1, 1], 's', 'h', 'a.h', 'i', 3, 1, null, 1]), /^HELLO oldest: expected an integer from 1 to 2/],
    [raw({ type: 16 }), /^message: expected a list/],
    [raw([99]), /^message: type 99 is not a message/],
    [raw(['HELLO']), /^message: this is not a message/],
  ])('%#', (bytes, message) => {
    expect(violation(bytes)).toMatch(message);
  });

  it('also where the bytes themselves are not allowed', () => {
    const named = Buffer.from(deltas(putNode({}), putNode({ Extra: { xxprotoxx: 1 } })));
    named.write('__proto__', named.indexOf('xxprotoxx'), 'latin1');
    expect(violation(named)).toBe('DELTAS deltas[1].metadata.Extra.__proto__: the key __proto__ is refused');
  });

  it.each([
    ['a date', new Date(0), /binary, extension/],
    ['a set', new Uint8Array(4), /binary, extension/],
  ])('refuses %s', (_what, value, problem) => {
    expect(violation(raw([16, 1, STAMP, [[1, 0, 'id', 'host', { Value: value }, null]]]))).toMatch(problem);
  });

  it('refuses keys that are not texts', () => {
    expect(violation(new Packr({ useRecords: false, mapsAsObjects: false }).pack([16, 1, STAMP, [putNode(new Map([[1, 2]]))]]))).toMatch(
      /^DELTAS deltas\[0\]\.metadata: a key must be a text/,
    );
  });

  it('refuses text that is not UTF-8', () => {
    const bytes = Buffer.from(deltas(putNode({ Name: 'abc' })));
    bytes[bytes.indexOf('abc')] = 0xff;
    expect(violation(bytes)).toBe('DELTAS deltas[0].metadata.Name: a text is not UTF-8');
  });

  it('refuses bytes after the message', () => {
    expect(violation(Buffer.concat([deltas(putNode({})), Buffer.from([1])]))).toMatch(/1 bytes follow/);
  });
});

describe('bounds', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

  it('hold for depth of metadata', () => {
    expect(() => decodeFromAgent(deltas(putNode(nested(MAX_METADATA_DEPTH))), 0)).not.toThrow();
    expect(violation(deltas(putNode(nested(MAX_METADATA_DEPTH + 1))))).toMatch(/deeper than 16 levels/);
    expect(() => decodeFromAgent(deltas([5, 0, 'id', [['a', nested(MAX_METADATA_DEPTH)]]]), 0)).not.toThrow();
    expect(violation(deltas([5, 0, 'id', [['a', nested(MAX_METADATA_DEPTH + 1)]]]))).toMatch(/deeper than 16 levels/);
  });

  it('hold for depth of a message before anything is decoded', () => {
    expect(violation(Buffer.alloc(1_000_000, 0x91))).toMatch(/deeper than 32 levels/);
  });

  it('let no container claim more than there is', () => {
    // array 32 and map 32 with two thousand million parts
    expect(violation(Buffer.from([0xdd, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3]))).toMatch(/ends too early/);
    expect(violation(Buffer.from([0xdf, 0x7f, 0xff, 0xff, 0xff, 0xa1, 0x61, 3]))).toMatch(/ends too early/);
    expect(violation(Buffer.from([0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]))).toMatch(/ends too early/);
  });

  it('hold for the size of a message', () => {
    expect(violation(Buffer.alloc(4 * 1024 * 1024 + 1))).toMatch(/a message may have 4194304 bytes/);
  });

  it('hold for keys, texts and lists', () => {
    expect(violation(deltas(putNode({ ['k'.repeat(513)]: 1 })))).toMatch(/a key must have 1 to 512 characters/);
    expect(violation(deltas(putNode({ '': 1 })))).toMatch(/a key must have/);
    expect(violation(deltas(putNode({ Text: 'x'.repeat(262_145) })))).toMatch(
      /^DELTAS deltas\[0\]\.metadata\.Text: a text may have 262144 characters/,
    );
    expect(violation(raw([16, 1, STAMP, Array.from({ length: 5_001 }, () => [6, 0, 'id'])]))).toMatch(/a list of at most 5000/);
  });
});
