import type { MetadataKey } from '../kit/metadataKeys.js';

/** Every key that the host probe writes. */
export const HOST_KEYS: readonly MetadataKey[] = [
  { path: 'Name', kind: 'state', type: 'text', indexed: true, meaning: 'Identity of the host: `agent.hostId`.' },
  { path: 'Type', kind: 'state', type: 'text', indexed: true, meaning: 'host' },
  { path: 'TID', kind: 'state', type: 'text', indexed: true, meaning: 'Topological id, made from the name.' },
  { path: 'Hostname', kind: 'state', type: 'text', meaning: 'What the system calls itself.' },
  { path: 'InstanceID', kind: 'state', type: 'text', meaning: 'Id of the instance in its cloud, where cloud-init left one.' },
  { path: 'OS', kind: 'state', type: 'text', meaning: 'linux' },
  { path: 'Platform', kind: 'state', type: 'text', meaning: 'Distribution: debian, fedora, …' },
  { path: 'PlatformFamily', kind: 'state', type: 'text', meaning: 'What the distribution is made from: debian, rhel, …' },
  { path: 'PlatformVersion', kind: 'state', type: 'text', meaning: 'Version of the distribution.' },
  { path: 'KernelVersion', kind: 'state', type: 'text', meaning: 'Release of the kernel.' },
  { path: 'KernelCmdLine', kind: 'state', type: 'object', meaning: 'Arguments of the kernel; `true` for those without a value.' },
  { path: 'Architecture', kind: 'state', type: 'text', meaning: 'Processor architecture: x64, arm64.' },
  {
    path: 'CPU',
    kind: 'state',
    type: 'object',
    meaning:
      'One object for each logical processor: CPU, VendorID, Family, Model, Stepping, PhysicalID, CoreID, Cores, ModelName, Mhz (MHz, the highest), CacheSize (KiB), Microcode; what is zero is left out, so the first has no CPU.',
  },
  { path: 'CPUCount', kind: 'state', type: 'integer', unit: 'count', meaning: 'Logical processors.' },
  { path: 'CPUModel', kind: 'state', type: 'text', meaning: 'Model name of the first processor.' },
  { path: 'IsolatedCPU', kind: 'state', type: 'object', meaning: 'Numbers of the processors that the scheduler leaves alone.' },
  { path: 'MemoryTotal', kind: 'state', type: 'integer', unit: 'bytes', meaning: 'Memory of the machine.' },
  {
    path: 'VirtualizationSystem',
    kind: 'state',
    type: 'text',
    meaning: 'kvm, vmware, docker, …, where the host is a guest or a container.',
  },
  { path: 'VirtualizationRole', kind: 'state', type: 'text', meaning: 'guest or host.' },
  {
    path: 'Config.*',
    kind: 'state',
    type: 'text',
    meaning: 'A value from a file that `agent.metadataFiles` of the configuration names; it follows the file.',
  },
  { path: '*', kind: 'state', type: 'object', meaning: 'Whatever `agent.metadata` of the configuration says.' },
];
