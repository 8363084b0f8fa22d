import { CanopyError } from '../../src/common/errors.js';
import type { InjectionState } from '../../src/protocol/injection.js';
import { demandUp, linkTypeOf, LINK_TYPE, lookAtInterface } from '../linux/interface.js';
import { inNamespace, withNamespace } from '../linux/namespace.js';
import { bindToSend, openPacketSocket, sendFrame } from '../linux/packetSocket.js';
import { sys } from '../linux/syscall.js';
import type { InjectCommand, InjectNews } from './messages.js';
import { packetsOf, type Packets } from './packets.js';

/** Packets of one portion; between two the owner is heard. */
const PORTION = 64;
/** Milliseconds between reports of how far it is. */
const REPORT = 1_000;
/** Bytes of the link layer, which are not part of the MTU. */
const ETHERNET_BYTES = 14;

/** One injection, from its socket to its last packet. */
export class RunningInjection {
  private fd: number | undefined;
  private sent = 0;
  private timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  private reportedAt = 0;
  private packets: Packets | undefined;
  private mostBytes = 0;

  constructor(
    private readonly command: Extract<InjectCommand, { op: 'start' }>,
    private readonly tell: (news: InjectNews) => void,
  ) {}

  start(): void {
    try {
      const { inject, interfaceName, namespacePath } = this.command;
      const open = (): void => {
        this.fd = openPacketSocket();
        const found = lookAtInterface(this.fd, interfaceName);
        demandUp(interfaceName, found);
        bindToSend(this.fd, found.index);
        const linkType = linkTypeOf(found.hardwareType);
        this.packets = packetsOf(inject, linkType);
        this.mostBytes = found.mtu + (linkType === LINK_TYPE.ethernet ? ETHERNET_BYTES : 0);
      };
      if (namespacePath === undefined) open();
      else withNamespace(namespacePath, ({ fd }) => inNamespace(fd, open));
    } catch (error) {
      return this.end('ERROR', error);
    }
    this.report();
    this.work();
  }

  cancel(): void {
    this.end('CANCELLED');
  }

  private work(): void {
    const { inject } = this.command;
    const portion = inject.intervalMs > 0 ? 1 : PORTION;
    try {
      for (let index = 0; index < portion && this.sent < this.packets!.count; index++) this.sendNext();
    } catch (error) {
      return this.end('ERROR', error);
    }
    if (this.sent >= this.packets!.count) return this.end('DONE');
    if (performance.now() - this.reportedAt >= REPORT) this.report();
    this.timer = inject.intervalMs > 0 ? setTimeout(() => this.work(), inject.intervalMs) : setImmediate(() => this.work());
  }

  private sendNext(): void {
    const packet = this.packets!.at(this.sent);
    if (packet.length > this.mostBytes)
      throw new CanopyError(
        'BAD_INPUT',
        `packet ${this.sent + 1} has ${packet.length} bytes, ${this.command.interfaceName} takes ${this.mostBytes} at most`,
      );
    sendFrame(this.fd!, packet);
    this.sent++;
  }

  /** Says how far it is. */
  report(): void {
    this.reportedAt = performance.now();
    this.say('ACTIVE');
  }

  private end(state: Exclude<InjectionState, 'ACTIVE'>, error?: unknown): void {
    clearTimeout(this.timer as NodeJS.Timeout);
    clearImmediate(this.timer as NodeJS.Immediate);
    if (this.fd !== undefined) sys.close(this.fd);
    this.fd = undefined;
    this.say(state, error === undefined ? undefined : error instanceof Error ? error.message : String(error));
  }

  private say(state: InjectionState, error?: string): void {
    this.tell({ id: this.command.inject.id, state, sent: this.sent, error });
  }
}
