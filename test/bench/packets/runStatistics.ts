import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const SWITCH = 'kernel.bpf_stats_enabled';

/**
 * Has the kernel measure each run of a filter or program, or not; answers what sets it back. It is one switch for the whole machine, and costs some 80 ns a packet
 * wherever there is a filter: who measures something else turns it off, whoever left it on.
 */
export function measureRuns(isOn: boolean): () => void {
  const before = readFileSync(`/proc/sys/${SWITCH.replace('.', '/')}`, 'utf8').trim();
  const set = (value: string): void => void execFileSync('sysctl', ['-q', '-w', `${SWITCH}=${value}`]);
  set(isOn ? '1' : '0');
  return () => set(before);
}
