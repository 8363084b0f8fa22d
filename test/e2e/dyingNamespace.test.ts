import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventually, Lab } from '../agent/lab.js';
import { describeWith, program, root } from '../needs.js';
import { http, openRig, type Rig } from '../server/rig.js';
import { PATIENCE } from '../patience.js';

// A kernel, threads and two sides: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 240_000 });
/** Milliseconds after the end of its last process in which nothing may keep a namespace any more. */
const DIES_WITHIN = 1_000;
/** The best of these rounds counts: the kernel takes namespaces apart in the background, and this machine may have other work. */
const ROUNDS = 3;

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'a namespace without a name in which a capture runs', () => {
  let lab: Lab;
  let rig: Rig;
  let holder: ChildProcess | undefined;
  beforeEach(async () => {
    rig = await openRig();
    lab = new Lab();
    lab.analyzer = rig.url;
    await lab.agent({ netns: { runPaths: [lab.runPath], processes: true } });
  });
  afterEach(async () => {
    holder?.kill('SIGKILL');
    await lab.close();
    await rig.close();
  });

  const data = async <T>(query: string, variables: Record<string, unknown> = {}): Promise<T> => {
    const { data: answer, errors } = await http.ask(rig.url, { query, variables });
    if (errors) throw new Error(errors[0]!.message);
    return answer as T;
  };
  const gremlin = async (query: string): Promise<unknown> =>
    (await data<{ gremlin: { json: unknown } }>('query ($query: String!) { gremlin(query: $query) { json } }', { query })).gremlin.json;
  const activities = async (id: string): Promise<{ state: string }[]> => {
    const { capture } = await data<{ capture: { activities: { state: string }[] } }>(`{ capture(id: "${id}") { activities { state } } }`);
    return capture.activities;
  };

  it.each([
    ['AFPACKET', ROUNDS],
    ['PCAP', 1],
    ['EBPF', 1],
  ])('dies with its last process (%s): the cable is gone, the capture waits for the next', async (type, rounds) => {
    const [outside, inside] = [`${lab.prefix}o`, `${lab.prefix}i`];
    const { createCapture } = await data<{ createCapture: { capture: { id: string } } }>(
      'mutation ($input: CreateCaptureInput!) { createCapture(input: $input) { capture { id } } }',
      { input: { gremlin: `G.V().Has('Name', '${inside}')`, type, bpf: 'udp port 9' } },
    );
    const { id } = createCapture.capture;
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const process = spawn('unshare', ['-n', 'sleep', '1000'], { stdio: 'ignore' });
      holder = process;
      await eventually(
        () => readFileSync(`/proc/${process.pid}/comm`, 'utf8'),
        (command) => command === 'sleep\n',
      );
      lab.ip(`link add ${outside} type veth peer name ${inside} netns ${process.pid}`);
      lab.ip(`link set ${outside} up`);
      const within = spawn('nsenter', [`--net=/proc/${process.pid}/ns/net`, 'ip', 'link', 'set', inside, 'up'], { stdio: 'ignore' });
      await once(within, 'exit');
      await vi.waitFor(async () => expect(await activities(id)).toEqual([{ state: 'ACTIVE' }]), PATIENCE);

      const ended = once(process, 'exit');
      const from = performance.now();
      process.kill('SIGKILL');
      await ended;
      await eventually(
        () => readFileSync('/proc/net/dev', 'utf8'),
        (links) => !links.includes(outside),
      );
      took.push(performance.now() - from);
      // Nothing is left that could be captured, and nobody is told of an error.
      await vi.waitFor(async () => expect(await activities(id)).toEqual([]), PATIENCE);
      await vi.waitFor(async () => expect(await gremlin(`G.V().Has('Name', Within('${inside}', '${outside}')).Count()`)).toBe(0), PATIENCE);
    }
    if (rounds > 1) expect(Math.min(...took)).toBeLessThan(DIES_WITHIN);
  });
});
