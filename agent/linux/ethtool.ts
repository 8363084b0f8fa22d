import { LINUX, OFFSET, SIZE } from './abi.js';
import { addressOf, raw } from './syscall.js';
import { readText } from './netlink/message.js';

/** What only ethtool tells (linux/ethtool.h), by ioctl on any socket of the namespace; a netlink socket does. */

/** Speeds above this stand for "unknown" (SPEED_UNKNOWN is 0xffffffff; some drivers answer 0xffff). */
const SPEED_UNKNOWN = 0xffffffff;
const SPEED_UNKNOWN_16 = 0xffff;
/** Names of links are shorter (IFNAMSIZ with the closing zero). */
const NAME_SIZE = 16;
/** Texts in `struct ethtool_drvinfo` (ETHTOOL_BUSINFO_LEN). */
const TEXT_SIZE = 32;
/** Words of one link mode mask that a kernel may have; the field is a signed byte. */
const MOST_MASK_WORDS = 127;

const driverInfo = Buffer.allocUnsafeSlow(SIZE['struct ethtool_drvinfo']);
const linkSettings = Buffer.allocUnsafeSlow(SIZE['struct ethtool_link_settings'] + 3 * 4 * MOST_MASK_WORDS);
const interfaceRequest = Buffer.allocUnsafeSlow(SIZE['struct ifreq']);

/** Asks about the link of this name; `data` holds the question and gets the answer. `false` when the kernel refused. */
export function askEthtool(fd: number, name: string, data: Buffer): boolean {
  interfaceRequest.fill(0);
  interfaceRequest.write(name, OFFSET['struct ifreq'].ifr_name, NAME_SIZE - 1);
  interfaceRequest.writeBigUInt64LE(addressOf(data), OFFSET['struct ifreq'].ifr_data);
  return raw.ioctl(fd, LINUX.SIOCETHTOOL, interfaceRequest) >= 0;
}

export interface DriverInfo {
  readonly driver: string;
  /** Where the device sits: a PCI address, `tap`, …; empty for devices that sit nowhere. */
  readonly busInfo: string;
}

/** Name of the driver and place of the device; `undefined` where the link has no driver or cannot say. */
export function readDriver(fd: number, name: string): DriverInfo | undefined {
  driverInfo.fill(0);
  driverInfo.writeUInt32LE(LINUX.ETHTOOL_GDRVINFO, OFFSET['struct ethtool_drvinfo'].cmd);
  return askEthtool(fd, name, driverInfo) ? decodeDriver(driverInfo) : undefined;
}

/** Reads a `struct ethtool_drvinfo`. */
export function decodeDriver(bytes: Buffer): DriverInfo | undefined {
  const { driver, bus_info: busInfo } = OFFSET['struct ethtool_drvinfo'];
  const text = readText(bytes, driver, TEXT_SIZE);
  return text === '' ? undefined : { driver: text, busInfo: readText(bytes, busInfo, TEXT_SIZE) };
}

/** Speed in Mbit/s; `undefined` when unknown. */
export function readSpeed(fd: number, name: string): number | undefined {
  const { cmd, link_mode_masks_nwords: words } = OFFSET['struct ethtool_link_settings'];
  linkSettings.fill(0);
  linkSettings.writeUInt32LE(LINUX.ETHTOOL_GLINKSETTINGS, cmd);
  // The first call only answers, negative, how many words the kernel's masks have; the second one has to say the same.
  if (!askEthtool(fd, name, linkSettings)) return undefined;
  const maskWords = decodeMaskWords(linkSettings);
  if (maskWords === undefined) return undefined;
  linkSettings.fill(0);
  linkSettings.writeUInt32LE(LINUX.ETHTOOL_GLINKSETTINGS, cmd);
  linkSettings.writeInt8(maskWords, words);
  return askEthtool(fd, name, linkSettings) ? decodeSpeed(linkSettings) : undefined;
}

/** Words of a mask, from the first answer in a `struct ethtool_link_settings`; `undefined` when it makes no sense. */
export function decodeMaskWords(bytes: Buffer): number | undefined {
  const words = -bytes.readInt8(OFFSET['struct ethtool_link_settings'].link_mode_masks_nwords);
  return words > 0 && words <= MOST_MASK_WORDS ? words : undefined;
}

/** Speed in Mbit/s, from the second answer. */
export function decodeSpeed(bytes: Buffer): number | undefined {
  const value = bytes.readUInt32LE(OFFSET['struct ethtool_link_settings'].speed);
  return value === 0 || value === SPEED_UNKNOWN || value === SPEED_UNKNOWN_16 ? undefined : value;
}
