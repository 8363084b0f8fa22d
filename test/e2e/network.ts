import { execFileSync } from 'node:child_process';

/** Runs `ip ARGS`; throws with what it printed. */
export const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** A prefix for names of links and namespaces that no other test of this or another run uses; at most nine characters. */
export const uniquePrefix = (): string => `c${process.pid.toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;

/** Named namespaces and links made by a test, taken away again in the end whatever happened. */
export class Network {
  readonly #namespaces = new Set<string>();
  readonly #links = new Set<string>();

  addNamespace(name: string): string {
    ip('netns', 'add', name);
    this.#namespaces.add(name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
    return name;
  }

  removeNamespace(name: string): void {
    ip('netns', 'del', name);
    this.#namespaces.delete(name);
  }

  /** `ip link add NAME ARGS` in the host's own namespace. */
  addLink(name: string, ...args: string[]): string {
    ip('link', 'add', name, ...args);
    this.#links.add(name);
    return name;
  }

  removeLink(name: string): void {
    ip('link', 'del', name);
    this.#links.delete(name);
  }

  clear(): void {
    for (const name of this.#links) {
      try {
        this.removeLink(name);
      } catch {
        // Gone already, with its peer or its namespace.
      }
    }
    for (const name of this.#namespaces) this.removeNamespace(name);
  }
}
