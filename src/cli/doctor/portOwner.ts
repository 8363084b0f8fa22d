import { readdir, readFile, readlink } from 'node:fs/promises';

/** State of a listening socket in /proc/net/tcp (`TCP_LISTEN` in net/tcp_states.h). */
const LISTENING = '0A';

/** The process that listens on a TCP port of this machine, as far as we may see it: `node (process 4711)`. */
export async function portOwner(port: number): Promise<string | undefined> {
  const inodes = new Set([...(await listeners('/proc/net/tcp', port)), ...(await listeners('/proc/net/tcp6', port))]);
  if (inodes.size === 0) return undefined;
  for (const process of await list('/proc')) {
    if (!/^\d+$/.test(process)) continue;
    for (const file of await list(`/proc/${process}/fd`)) {
      const target = await readlink(`/proc/${process}/fd/${file}`).catch(() => '');
      if (inodes.has(target))
        return `${(await readFile(`/proc/${process}/comm`, 'utf8').catch(() => 'somebody')).trim()} (process ${process})`;
    }
  }
  return undefined;
}

/** `socket:[INODE]` of each socket that listens on the port. Columns: proc(5), `/proc/net/tcp`. */
async function listeners(table: string, port: number): Promise<string[]> {
  const text = await readFile(table, 'utf8').catch(() => '');
  const rows = text.split('\n').map((row) => row.trim().split(/\s+/));
  return rows
    .filter(([, local = '', , state]) => state === LISTENING && Number.parseInt(local.split(':')[1] ?? '', 16) === port)
    .map((row) => `socket:[${row[9]}]`);
}

const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
