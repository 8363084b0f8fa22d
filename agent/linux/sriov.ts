import { readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What sysfs tells of SR-IOV (Documentation/ABI/testing/sysfs-bus-pci). It is the same in every network namespace. */

const DEVICES = 'bus/pci/devices';
/** A PCI function, as ethtool and sysfs write it: domain, bus, device, function. */
const PCI_ADDRESS = /^([0-9a-f]{4,}):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/;
/** What PCI allows. */
const MOST_FUNCTIONS = 65_535;

export const isPciAddress = (busInfo: string): boolean => PCI_ADDRESS.test(busInfo);

/** PCI addresses of the virtual functions of a physical one, by their number; none where it has none. */
export function virtualFunctionsOf(busInfo: string, sysfs = '/sys'): readonly string[] {
  const match = PCI_ADDRESS.exec(busInfo);
  const count = readNumber(busInfo, 'sriov_numvfs', sysfs);
  if (match === null || count === undefined || count === 0 || count > MOST_FUNCTIONS) return [];
  const offset = readNumber(busInfo, 'sriov_offset', sysfs);
  const stride = readNumber(busInfo, 'sriov_stride', sysfs);
  if (offset === undefined || stride === undefined) return [];
  const [domain, bus, device, fn] = match.slice(1).map((part) => parseInt(part, 16)) as [number, number, number, number];
  const own = (bus << 8) | (device << 3) | fn;
  return Array.from({ length: count }, (_, id) => {
    const address = own + offset + id * stride;
    return `${hex(domain, 4)}:${hex(address >> 8, 2)}:${hex((address >> 3) & 0x1f, 2)}.${address & 7}`;
  });
}

/** PCI address of the physical function whose virtual one this is; `undefined` for all others. */
export function physicalFunctionOf(busInfo: string, sysfs = '/sys'): string | undefined {
  try {
    return basename(readlinkSync(join(sysfs, DEVICES, busInfo, 'physfn')));
  } catch {
    return undefined;
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

function readNumber(busInfo: string, file: string, sysfs: string): number | undefined {
  try {
    const value = Number(readFileSync(join(sysfs, DEVICES, busInfo, file), 'latin1').trim());
    return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  } catch {
    return undefined;
  }
}
