import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeLink, type LinkMessage } from '../../../../agent/linux/netlink/link.js';
import { InterfaceIdentities } from '../../../../agent/probes/netlink/interfaceIdentities.js';
import { systemClock } from '../../../../src/common/clock.js';
import { silentLog } from '../../../../src/common/log.js';
import { linkBody, type LinkFields } from '../../linux/netlink/bytes.js';

const link = (fields: Partial<LinkFields> = {}): LinkMessage => decodeLink(linkBody({ index: 5, name: 'eth0', kind: 'veth', ...fields }))!;

describe('the identity of an interface', () => {
  let folder: string;
  let opened: InterfaceIdentities[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'agt-ids-'));
    opened = [];
  });
  afterEach(() => {
    for (const identities of opened) identities.close();
    rmSync(folder, { recursive: true });
  });

  const open = (bootId = 'boot', file = join(folder, 'deep', 'interfaces.json')) => {
    const identities = new InterfaceIdentities({ hostId: 'host', bootId, file, clock: systemClock, log: silentLog });
    opened.push(identities);
    return identities;
  };

  it('follows from where and what it is', () => {
    const identities = open();
    const { id } = identities.of('1', link(), false);
    expect(open().of('1', link({ name: 'renamed' }), false).id).toBe(id);
    const others = [
      identities.of('2', link(), false).id,
      identities.of('1', link({ index: 6 }), false).id,
      identities.of('1', link({ kind: 'dummy' }), false).id,
      identities.of('1', link({ permanentAddress: [2, 0, 0, 0, 0, 1] }), false).id,
      open('other boot').of('1', link(), false).id,
    ];
    expect(new Set([id, ...others]).size).toBe(6);
  });

  it('is another one when an index comes back, and stays that over a restart', () => {
    const identities = open();
    const first = identities.of('1', link(), true).id;
    identities.gone('1', 5);
    const second = identities.of('1', link(), true).id;
    identities.gone('1', 5);
    const third = identities.of('1', link(), true).id;
    expect(new Set([first, second, third]).size).toBe(3);
    identities.close();
    expect(open().of('1', link(), false).id).toBe(third);
  });

  it('moves along, and stays over a restart', () => {
    const identities = open();
    const { id } = identities.of('1', link(), true);
    identities.gone('1', 5);
    identities.arrived('2', link({ index: 9 }), id);
    identities.close();
    const again = open();
    expect(again.of('2', link({ index: 9 }), false).id).toBe(id);
    expect(again.of('1', link(), true).id).not.toBe(id);
  });

  it('keeps the first name for the topological id, over a restart too', () => {
    const identities = open();
    expect(identities.of('1', link(), true).tidName).toBe('eth0');
    identities.renamed('1', 5, 'eth0');
    identities.close();
    expect(open().of('1', link({ name: 'eth1' }), false).tidName).toBe('eth0');
  });

  it('keeps no more than what is there', () => {
    const identities = open();
    for (let index = 1; index <= 1_000; index++) {
      const message = link({ index });
      identities.of('1', message, true);
      identities.renamed('1', index, 'old');
      identities.gone('1', index);
    }
    identities.of('2', link(), true);
    identities.forgetNamespace('2');
    identities.close();
    expect(JSON.parse(readFileSync(join(folder, 'deep', 'interfaces.json'), 'utf8'))).toEqual({
      boot: 'boot',
      namespaces: { 1: { highestGone: 1_000, lastGeneration: 0, exceptions: {} } },
    });
  });

  it.each(['', '{', 'null', '[]', '{"boot":"boot","namespaces":{"1":null}}', '{"boot":"boot"}'])(
    'begins anew with a file that says %j',
    (content) => {
      open().close();
      const file = join(folder, 'interfaces.json');
      writeFileSync(file, content);
      const identities = new InterfaceIdentities({ hostId: 'host', bootId: 'boot', file, clock: systemClock, log: silentLog });
      expect(identities.of('1', link(), false).id).toBe(open().of('1', link(), false).id);
    },
  );
});
