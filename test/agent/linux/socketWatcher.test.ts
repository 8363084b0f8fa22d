import { afterEach, beforeEach, expect, it } from 'vitest';
import { LINUX } from '../../../agent/linux/abi.js';
import { inNamespace, prepareNamespaces, withNamespace } from '../../../agent/linux/namespace.js';
import { decodeLink } from '../../../agent/linux/netlink/link.js';
import { eachMessage } from '../../../agent/linux/netlink/message.js';
import { openRouteSocket } from '../../../agent/linux/netlink/socket.js';
import { watchSockets, type Received, type SocketGroup, type SocketWatcher } from '../../../agent/linux/socketWatcher.js';
import { sys } from '../../../agent/linux/syscall.js';
import { silentLog } from '../../../src/common/log.js';
import { describeWith, program, root } from '../../needs.js';
import { eventually, Lab } from '../lab.js';

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'the thread that waits for sockets', () => {
  let lab: Lab;
  let watcher: SocketWatcher;
  let group: SocketGroup;
  let received: Received[];
  let lost: string[];
  beforeEach(async () => {
    await prepareNamespaces();
    lab = new Lab();
    received = [];
    lost = [];
    watcher = watchSockets(silentLog);
    group = watcher.group({ received: (records) => received.push(...records), lost: (reason) => lost.push(reason) });
  });
  afterEach(async () => {
    await watcher.stop();
    await lab.close();
  });

  const openIn = (namespace: string, receiveBufferBytes = 1 << 20): number =>
    withNamespace(lab.path(namespace), ({ fd }) =>
      inNamespace(fd, () => openRouteSocket({ groups: [LINUX.RTNLGRP_LINK], receiveBufferBytes })),
    );
  const names = (id: number): Set<string> => {
    const found = new Set<string>();
    for (const record of received) if (record.id === id) eachMessage(record.bytes, ({ body }) => found.add(decodeLink(body)?.name ?? ''));
    return found;
  };

  it('hears sockets of several namespaces, each with its own events', async () => {
    lab.addNamespace('blue');
    lab.addNamespace('red');
    const [blue, red] = [group.watch(openIn('blue')), group.watch(openIn('red'))];
    lab.ipIn('blue', 'link add one type bridge');
    lab.ipIn('red', 'link add two type bridge');
    await eventually(
      () => names(red),
      (found) => found.has('two'),
    );
    await eventually(
      () => names(blue),
      (found) => found.has('one'),
    );
    expect([...names(blue)]).toEqual(['one']);
    expect([...names(red)]).toEqual(['two']);
  });

  it('delivers nothing of a socket that was closed', async () => {
    lab.addNamespace('blue');
    const [first, second] = [group.watch(openIn('blue')), group.watch(openIn('blue'))];
    group.close(first);
    lab.ipIn('blue', 'link add one type bridge');
    await eventually(
      () => names(second),
      (found) => found.has('one'),
    );
    expect(names(first).size).toBe(0);
  });

  it('says when the kernel had to drop events, and hears what comes after', async () => {
    lab.addNamespace('blue');
    const fd = openIn('blue', 1_024);
    lab.ipBatch(
      'blue',
      Array.from({ length: 50 }, (_, number) => `link add b${number} type bridge`),
    );
    const id = group.watch(fd);
    await eventually(
      () => received,
      (records) => records.some((record) => record.id === id && record.problem === 'overrun'),
    );
    lab.ipIn('blue', 'link add last type bridge');
    await eventually(
      () => names(id),
      (found) => found.has('last'),
    );
  });

  it('gives a socket back as failed that cannot be watched, and goes on with the others', async () => {
    lab.addNamespace('blue');
    const good = group.watch(openIn('blue'));
    // It can be waited for, and has something to read, but is no socket.
    const noSocket = group.watch(sys.eventfd(1, LINUX.EFD_CLOEXEC));
    const hasFailed = (id: number) => received.some((record) => record.id === id && record.problem === 'failed');
    await eventually(
      () => received,
      () => hasFailed(noSocket),
    );
    lab.ipIn('blue', 'link add one type bridge');
    await eventually(
      () => names(good),
      (found) => found.has('one'),
    );
    expect(hasFailed(good)).toBe(false);
    expect(lost).toEqual([]);
  });
});
