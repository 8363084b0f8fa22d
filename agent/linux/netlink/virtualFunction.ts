import { LINUX, OFFSET, SIZE } from '../abi.js';
import { eachAttribute, readHardwareAddress } from './message.js';

/** IFLA_VFINFO_LIST: what a physical function says of its virtual ones (linux/if_link.h). */

const MAC_LENGTH = 6;

/** A virtual function of SR-IOV. Numbers are the kernel's. */
export interface VirtualFunction {
  /** Its number at the physical function, from 0. */
  readonly id: number;
  readonly hardwareAddress: string | undefined;
  readonly vlan: number;
  readonly qos: number;
  /** Mbit/s; 0 for no limit. */
  readonly txRate: number;
  readonly isSpoofChecked: boolean;
  /** 0 as the physical one, 1 always up, 2 always down. */
  readonly linkState: number;
}

/** Of the body of a link message that was asked for with them; none when the link has none. */
export function decodeVirtualFunctions(body: Buffer): VirtualFunction[] {
  const functions: VirtualFunction[] = [];
  eachAttribute(body, SIZE['struct ifinfomsg'], body.length, (type, at, length) => {
    if (type !== LINUX.IFLA_VFINFO_LIST) return;
    eachAttribute(body, at, at + length, (inner, start, size) => {
      const one = inner === LINUX.IFLA_VF_INFO ? decodeOne(body, start, start + size) : undefined;
      if (one !== undefined) functions.push(one);
    });
  });
  return functions;
}

function decodeOne(body: Buffer, start: number, end: number): VirtualFunction | undefined {
  let id: number | undefined;
  let hardwareAddress: string | undefined;
  let [vlan, qos, txRate, linkState, isSpoofChecked] = [0, 0, 0, 0, false];
  eachAttribute(body, start, end, (type, at, length) => {
    const number = (size: number, offset: number): number => (length >= size ? body.readUInt32LE(at + offset) : 0);
    switch (type) {
      case LINUX.IFLA_VF_MAC: {
        if (length < SIZE['struct ifla_vf_mac']) return;
        id = body.readUInt32LE(at);
        hardwareAddress = readHardwareAddress(body, at + OFFSET['struct ifla_vf_mac'].mac, MAC_LENGTH);
        return;
      }
      case LINUX.IFLA_VF_VLAN:
        vlan = number(SIZE['struct ifla_vf_vlan'], OFFSET['struct ifla_vf_vlan'].vlan);
        qos = number(SIZE['struct ifla_vf_vlan'], OFFSET['struct ifla_vf_vlan'].qos);
        return;
      case LINUX.IFLA_VF_TX_RATE:
        return void (txRate = number(SIZE['struct ifla_vf_tx_rate'], OFFSET['struct ifla_vf_tx_rate'].rate));
      case LINUX.IFLA_VF_SPOOFCHK:
        // The kernel says -1 where the driver cannot tell.
        return void (isSpoofChecked = number(SIZE['struct ifla_vf_spoofchk'], OFFSET['struct ifla_vf_spoofchk'].setting) === 1);
      case LINUX.IFLA_VF_LINK_STATE:
        return void (linkState = number(SIZE['struct ifla_vf_link_state'], OFFSET['struct ifla_vf_link_state'].link_state));
    }
  });
  return id === undefined ? undefined : { id, hardwareAddress, vlan, qos, txRate, isSpoofChecked, linkState };
}
