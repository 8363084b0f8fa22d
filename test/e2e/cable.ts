import { randomBytes } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { vi } from 'vitest';
import { Lab, type WatchedAgent } from '../agent/lab.js';
import type { AgentSettings } from '../../agent/agent.js';
import { http, openRig, type Rig, type RigOptions } from '../server/rig.js';
import { PATIENCE } from '../patience.js';

/** Addresses of the two ends. */
export const LEFT = '10.66.0.1';
export const RIGHT = '10.66.0.2';

/** Two namespaces with a veth pair between them, an agent that watches both, and its analyzer; all in this process. */
export class Cable {
  /** Name of both ends. Others that watch this machine see namespaces of their own only. */
  readonly name = `cb${randomBytes(3).toString('hex')}`;
  readonly lab = new Lab();
  agent!: WatchedAgent;

  private constructor(public rig: Rig) {}

  static async lay(options: RigOptions = {}, agent: Partial<AgentSettings['agent']> = {}): Promise<Cable> {
    const cable = new Cable(await openRig(options));
    try {
      const { lab, name } = cable;
      lab.analyzer = cable.rig.url;
      lab.addNamespace('left');
      lab.addNamespace('right');
      lab.ipIn('left', `link add ${name} type veth peer name ${name} netns ${lab.path('right')}`);
      lab.ipIn('left', `address add ${LEFT}/24 dev ${name}`);
      lab.ipIn('right', `address add ${RIGHT}/24 dev ${name}`);
      for (const side of ['left', 'right']) lab.ipIn(side, `link set ${name} up`);
      cable.agent = await lab.agent(agent);
      await vi.waitFor(async () => {
        if ((await cable.gremlin(`${cable.both}.Has('State', 'UP').Count()`)) !== 2) throw new Error('the cable is not up');
      }, PATIENCE);
      return cable;
    } catch (error) {
      await cable.close();
      throw error;
    }
  }

  /** Gremlin that finds both ends, and each. */
  get both(): string {
    return `G.V().Has('Name', '${this.name}')`;
  }
  get left(): string {
    return `${this.both}.Has('IPV4', '${LEFT}/24')`;
  }
  get right(): string {
    return `${this.both}.Has('IPV4', '${RIGHT}/24')`;
  }

  /** Asks GraphQL; throws on any error. */
  async data<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors } = await http.ask(this.rig.url, { query, variables });
    if (errors) throw new Error(errors[0]!.message);
    return data as T;
  }

  async gremlin(query: string): Promise<unknown> {
    const document = 'query ($query: String!) { gremlin(query: $query) { json } }';
    return (await this.data<{ gremlin: { json: unknown } }>(document, { query })).gremlin.json;
  }

  /** Makes a capture and waits until it runs on so many nodes. Answers its id. */
  async capture(input: Record<string, unknown>, nodes: number): Promise<string> {
    const { createCapture } = await this.data<{ createCapture: { capture: { id: string } } }>(
      'mutation ($input: CreateCaptureInput!) { createCapture(input: $input) { capture { id } } }',
      { input },
    );
    const { id } = createCapture.capture;
    await this.runs(id, nodes);
    return id;
  }

  /** Waits until the capture is active on so many nodes. */
  async runs(id: string, nodes: number): Promise<void> {
    await vi.waitFor(async () => {
      const active = await this.gremlin(`G.V().Has('Captures.ID', '${id}', 'Captures.State', 'active').Count()`);
      if (active !== nodes) throw new Error(`the capture runs on ${String(active)} nodes, not on ${nodes}`);
    }, PATIENCE);
  }

  /** Sends datagrams from the left to a port of the right. */
  datagrams(port: number, count: number): void {
    const script = `for i in $(seq ${count}); do echo datagram > /dev/udp/${RIGHT}/${port}; done`;
    // Nobody listens there: what the kernel says to that is no matter.
    spawnSync('nsenter', [`--net=${this.lab.path('left')}`, 'bash', '-c', script], { stdio: 'ignore' });
  }

  /** Runs a program in one of the namespaces. */
  run(side: 'left' | 'right', program: string, ...args: string[]): string {
    return execFileSync('nsenter', [`--net=${this.lab.path(side)}`, program, ...args], { encoding: 'utf8' });
  }

  async close(): Promise<void> {
    await this.lab.close();
    await this.rig.close();
  }
}
