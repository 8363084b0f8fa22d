/// <reference lib="dom" />
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type CanopyProcess, launch } from '../canopyProcess.js';
import { ask, data, eventually } from '../graphqlOverHttp.js';
import { openBrowser } from './browser.js';
import { type Lab, openLab } from './lab.js';

/** A machine of two cores runs a browser, an analyzer with its agent, and another test file beside them. */
export const WAIT = { timeout: 45_000 };
/** A test is several waits long: for `vi.setConfig` at the head of a file. */
export const PATIENCE = { testTimeout: 180_000, hookTimeout: 180_000 };

/** Only the rows in sight exist. Other tests make links on the same machine, so a window for tables is high enough for some two hundred. */
export const TABLE_WINDOW = { width: 1280, height: 6_000 };
const WINDOW = { width: 1280, height: 860 };

/** A page in a real browser before a real analyzer whose agent watches this machine, with a small network to look at. */
export interface PageRig {
  readonly lab: Lab;
  readonly page: Page;
  readonly context: BrowserContext;
  /** Name of the host that the agent watches. */
  readonly host: string;
  /** `http://HOST:PORT`; stays the same when the analyzer is started again. */
  readonly url: string;
  /** Scripts that failed, requests that went elsewhere. */
  readonly errors: string[];
  readonly outside: string[];
  /** Opens an address and waits until the analyzer was heard. */
  open(path: string): Promise<void>;
  /** What stands in the address behind the `?`. */
  search(): string;
  /** Waits until the address says so. */
  addressed(part: string | RegExp): Promise<void>;
  /** A row of the tree table, which says the same as the picture. */
  row(name: string): Locator;
  rows(): Promise<string>;
  /** What the picture says of what is drawn; empty until it is. */
  drawn(what: 'targets' | 'lines' | 'moving' | 'motion', on?: Page): Promise<string>;
  /** Waits until the picture is drawn with all its words, and nothing in it is on its way. */
  atRest(): Promise<void>;
  /** What was copied last. */
  copied(): Promise<string>;
  /** Asks the analyzer until it has time: beside a browser and other tests it may be busy. */
  ask<T>(query: string, variables?: object): Promise<T>;
  /** Publishes elements as an inventory would. */
  publish(nodes: readonly Record<string, unknown>[], edges?: readonly Record<string, unknown>[]): Promise<void>;
  /** The node of this name, once the analyzer knows it. */
  node(name: string): Promise<{ readonly id: string; readonly host: string; readonly createdAt: string }>;
  /** Ends the analyzer at once; `start` brings it back at the same address, with its data or without. */
  stop(): Promise<void>;
  start(options?: { readonly isForgetful?: boolean }): Promise<void>;
  close(): Promise<void>;
}

const NODE = `query ($name: String!) { nodes(filter: {name: {eq: $name}}) { nodes { id host createdAt } } }`;
const PUBLISH = `mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { created } }`;

export interface PageRigOptions {
  /** Goes to the analyzer and its agent. */
  readonly env?: Readonly<Record<string, string>>;
  /** Packets run between two namespaces of the lab, from `web` to `api`. */
  readonly traffic?: 'some' | 'much';
}

/** Arguments of `ping`: five small packets a second, or a hundred large ones. */
const TRAFFIC = { some: ['-i', '0.2'], much: ['-i', '0.01', '-s', '1200'] } as const;

export async function openPageRig({ env = {}, traffic }: PageRigOptions = {}): Promise<PageRig> {
  const lab = openLab();
  let dataDir = mkdtempSync(join(tmpdir(), 'canopy-page-'));
  const folders = [dataDir];
  let canopy: CanopyProcess | undefined;
  let browser: Browser | undefined;
  let packets: ChildProcess | undefined;
  const errors: string[] = [];
  const outside: string[] = [];
  const close = async (): Promise<void> => {
    await browser?.close();
    packets?.kill('SIGKILL');
    await canopy?.end('SIGKILL');
    lab.network.clear();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
  try {
    canopy = await launch(['allinone', '--listen', '127.0.0.1:0', '--data-dir', dataDir], { env });
    const { url } = canopy;
    const patiently = async <T>(query: string, variables: object = {}, satisfies: (answer: T) => boolean = () => true): Promise<T> => {
      const found = await eventually(
        () => ask<T>(url, query, variables).catch((error: unknown) => ({ data: undefined, errors: [{ message: String(error) }] })),
        ({ data: answered }) => Boolean(answered) && satisfies(answered as T),
        WAIT.timeout,
      );
      return found.data as T;
    };
    interface Found {
      readonly nodes: { readonly nodes: readonly { readonly id: string; readonly host: string; readonly createdAt: string }[] };
    }
    const node: PageRig['node'] = async (name) =>
      (await patiently<Found>(NODE, { name }, ({ nodes }) => nodes.nodes.length > 0)).nodes.nodes[0]!;
    const { host } = await node(lab.name('v0'));
    if (traffic)
      packets = spawn('ip', ['netns', 'exec', lab.name('web'), 'ping', '-q', ...TRAFFIC[traffic], '10.77.9.2'], { stdio: 'ignore' });
    browser = await openBrowser();
    // The page's policy forbids scripts from elsewhere; the checker of accessibility is one.
    const context = await browser.newContext({ viewport: WINDOW, bypassCSP: true, acceptDownloads: true });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
    context.setDefaultTimeout(WAIT.timeout);
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
    page.on('request', (request) => {
      if (!request.url().includes(new URL(url).host) && !/^(data|blob):/.test(request.url())) outside.push(request.url());
    });
    const search = (): string => new URL(page.url()).search;
    return {
      lab,
      page,
      context,
      host,
      url,
      errors,
      outside,
      close,
      search,
      node,
      async open(path) {
        await page.setViewportSize(path.includes('form=table') ? TABLE_WINDOW : WINDOW);
        await page.goto(url + path);
        await page.locator('.sign.is-live, .sign.is-past').waitFor();
      },
      addressed: (part) => expect.poll(search, WAIT).toMatch(part),
      row: (name) => page.locator('.tree-row', { hasText: name }).first(),
      rows: async () => (await page.locator('.tree-row').allTextContents()).join('\n'),
      drawn: (what, on = page) => on.locator('.stage').evaluate((stage, name) => (stage as HTMLElement).dataset[name] ?? '', what),
      atRest: () => page.locator('.stage[data-at-rest]').waitFor(),
      copied: () => page.evaluate(() => navigator.clipboard.readText()),
      ask: (query, variables) => patiently(query, variables),
      async publish(nodes, edges = []) {
        await data(url, PUBLISH, { input: { origin: 'inventory', nodes, edges } });
      },
      async stop() {
        await canopy!.end('SIGKILL');
      },
      async start({ isForgetful = false } = {}) {
        if (isForgetful) folders.push((dataDir = mkdtempSync(join(tmpdir(), 'canopy-page-'))));
        const { host: address } = new URL(url);
        canopy = await launch(['allinone', '--listen', address, '--data-dir', dataDir], { env: { ...env, CANOPY_AGENT_HOST_ID: host } });
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
