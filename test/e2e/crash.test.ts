import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CanopyProcess, launch } from './canopyProcess.js';
import { ask, data } from './graphqlOverHttp.js';

const KILLS = Number(process.env.CANOPY_KILLS ?? 50);
const ELEMENTS = 40;
const PUBLISHERS = 4;

const PUBLISH = `mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { cursor } }`;

/** One publisher: keeps counting up `Count` of its nodes and remembers what was acknowledged, per node. */
class Publisher {
  readonly acknowledged = new Map<string, number>();
  readonly sent = new Map<string, number>();
  #count = 0;

  constructor(readonly origin: string) {}

  /** Publishes until the analyzer stops answering. */
  async run(url: string): Promise<void> {
    for (;;) {
      const count = ++this.#count;
      const id = `${this.origin}-${count % ELEMENTS}`;
      this.sent.set(id, count);
      const node = { id, name: id, type: 'device', metadata: { Count: count } };
      const answer = await ask(url, PUBLISH, { input: { origin: this.origin, nodes: [node] } }).catch(() => undefined);
      if (!answer) return;
      if (answer.errors) throw new Error(JSON.stringify(answer.errors));
      this.acknowledged.set(id, count);
    }
  }
}

interface Counted {
  readonly nodes: {
    readonly nodes: readonly { readonly id: string; readonly createdAt: string; readonly metadata: { readonly Count: number } }[];
  };
}

const COUNTED = `{ nodes(filter: {type: {eq: "device"}, origin: {startsWith: "pub."}}, first: 1000) { nodes { id createdAt metadata } } }`;

describe('an analyzer killed with kill -9 under load', () => {
  let dataDir: string;
  let analyzer: CanopyProcess | undefined;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'canopy-crash-'))));
  afterEach(async () => {
    await analyzer?.end('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  it(`has every acknowledged change after each of ${KILLS} kills`, async () => {
    const publishers = Array.from({ length: PUBLISHERS }, (_, index) => new Publisher(`pub.${index}`));
    const createdAt = new Map<string, string>();
    for (let kill = 0; kill <= KILLS; kill++) {
      analyzer = await launch(['analyzer', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
      const { nodes } = (await data<Counted>(analyzer.url, COUNTED)).nodes;
      const kept = new Map(nodes.map((node) => [node.id, node]));
      for (const { acknowledged, sent } of publishers) {
        for (const [id, count] of acknowledged) {
          expect(kept.get(id)?.metadata.Count).toBeGreaterThanOrEqual(count);
          expect(kept.get(id)?.metadata.Count).toBeLessThanOrEqual(sent.get(id)!);
          // The same element lives on: a restart never removes it and adds it again.
          if (createdAt.has(id)) expect(kept.get(id)?.createdAt).toBe(createdAt.get(id));
          createdAt.set(id, kept.get(id)!.createdAt);
        }
      }
      if (kill === KILLS) break;
      const { url } = analyzer;
      const running = publishers.map((publisher) => publisher.run(url));
      await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 300));
      await analyzer.end('SIGKILL');
      await Promise.all(running);
    }
    expect(publishers.every(({ acknowledged }) => acknowledged.size > 0)).toBe(true);
  }, 300_000);
});
