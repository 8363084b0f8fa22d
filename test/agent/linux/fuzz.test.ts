import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { OFFSET, SIZE } from '../../../agent/linux/abi.js';
import { effectiveCapabilities } from '../../../agent/linux/capabilities.js';
import { decodeDriver, decodeMaskWords, decodeSpeed } from '../../../agent/linux/ethtool.js';
import { decodeFeatures, decodeNameCount, decodeNames } from '../../../agent/linux/features.js';
import { decodeProcessEvent } from '../../../agent/linux/processes.js';
import { decodeStatisticNames, decodeStatisticsCount, decodeStatisticValues } from '../../../agent/linux/statistics.js';
import { parseCpus, parseIsolated } from '../../../agent/probes/host/cpu.js';
import { parseCommandLine, readPlatform } from '../../../agent/probes/host/platform.js';
import { changesOf } from '../../../agent/probes/netlink/statistics.js';
import { identify } from '../../../agent/probes/netns/identify.js';
import { mostNamespaces } from '../../../agent/probes/netns/limits.js';
import { elsewhere, mountOf, parseMounts } from '../../../src/cli/doctor/mounts.js';
import { CanopyError } from '../../../src/common/errors.js';

// Any number of cases may be asked for.
vi.setConfig({ testTimeout: 600_000 });

/** 10⁴ in CI; any number by `CANOPY_FUZZ`. */
const RUNS = Number(process.env.CANOPY_FUZZ ?? 10_000);

/** Any bytes, from one number: thousands of numbers each would take fast-check minutes. */
const bytesOf = (length: number): fc.Arbitrary<Buffer> =>
  fc.tuple(fc.integer(), fc.constantFrom(0, 0x80, 0xff, undefined)).map(([seed, fill]) => {
    const bytes = Buffer.alloc(length, fill ?? 0);
    let state = seed | 0;
    for (let at = 0; at < length; at++) {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
      // A few of them only where the rest is all the same.
      if (fill === undefined || state % 16 === 0) bytes[at] = state >>> 24;
    }
    return bytes;
  });

/** Text with the words of a file of /proc in any order. */
const madeOf = (...words: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...words, '\n', '\n\n', ' ', '\t', ':', '=', '"', '\0', ''),
        fc.string({ maxLength: 6 }),
        fc.integer().map(String),
      ),
      {
        maxLength: 20,
      },
    )
    .map((parts) => parts.join(''));

/** Texts without the bytes behind their end, of a length that the kernel's field has. */
const isText = (text: string, longest: number): boolean => text.length <= longest && !text.includes('\0');

describe('what ethtool answers', () => {
  it(`is a driver, a speed, features, or nothing: ${RUNS} times`, () => {
    const driver = bytesOf(SIZE['struct ethtool_drvinfo']);
    const settings = bytesOf(SIZE['struct ethtool_link_settings']);
    const info = bytesOf(SIZE['struct ethtool_sset_info'] + 4);
    const strings = fc
      .integer({ min: 1, max: 70 })
      .chain((count) =>
        fc.tuple(
          fc.constant(count),
          bytesOf(SIZE['struct ethtool_gstrings'] + count * 32),
          bytesOf(SIZE['struct ethtool_gfeatures'] + Math.ceil(count / 32) * SIZE['struct ethtool_get_features_block']),
        ),
      );
    fc.assert(
      fc.property(driver, settings, info, strings, (driverBytes, settingsBytes, infoBytes, [count, names, blocks]) => {
        const said = decodeDriver(driverBytes);
        if (said !== undefined) expect(said.driver !== '' && isText(said.driver, 32) && isText(said.busInfo, 32)).toBe(true);
        const words = decodeMaskWords(settingsBytes);
        expect(words === undefined || (words >= 1 && words <= 127)).toBe(true);
        const speed = decodeSpeed(settingsBytes);
        expect(speed === undefined || (speed > 0 && speed < 0xffffffff)).toBe(true);
        const many = decodeNameCount(infoBytes);
        expect(many === undefined || (many >= 1 && many <= 1_024)).toBe(true);
        const features = decodeFeatures(decodeNames(names, count), blocks);
        expect(Object.entries(features).every(([name, isOn]) => name !== '' && typeof isOn === 'boolean')).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it(`is a list of counters by name, or nothing: ${RUNS} times`, () => {
    const answers = fc
      .integer({ min: 1, max: 40 })
      .chain((count) =>
        fc.tuple(
          fc.constant(count),
          fc.boolean(),
          bytesOf(SIZE['struct ethtool_sset_info'] + 4),
          bytesOf(SIZE['struct ethtool_gstrings'] + count * 32),
          bytesOf(SIZE['struct ethtool_stats'] + count * 8),
        ),
      );
    fc.assert(
      fc.property(answers, ([count, isTrue, info, strings, stats]) => {
        const many = decodeStatisticsCount(info);
        expect(many === undefined || (many >= 1 && many <= 8_192)).toBe(true);
        if (isTrue) {
          strings.writeUInt32LE(count, OFFSET['struct ethtool_gstrings'].len);
          stats.writeUInt32LE(count, OFFSET['struct ethtool_stats'].n_stats);
        }
        const known = decodeStatisticNames(strings, count, undefined);
        const values = decodeStatisticValues(stats, count);
        if (isTrue) expect([known?.names.length, values?.length]).toEqual([count, count]);
        if (known === undefined || values === undefined) return;
        expect(decodeStatisticNames(strings, count, known)).toBe(known);
        expect(known.names.every((name) => isText(name, 32))).toBe(true);
        for (const [path, value] of changesOf({ names: known.names, values }, undefined)) {
          expect(path).toMatch(/^Statistics\.[^.]+$/s);
          expect(typeof value === 'number' && value > 0).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('counts for nothing where a mask would be longer than its field can say', () => {
    const bytes = Buffer.alloc(SIZE['struct ethtool_link_settings'], 0x80);
    expect(decodeMaskWords(bytes)).toBeUndefined();
  });
});

describe('what /proc says', () => {
  it(`of processes, rights and limits is understood or counts for nothing: ${RUNS} times`, () => {
    const status = madeOf('CapEff:\t', 'CapPrm:\t', '000001ffffffffff', 'ffffffffffffffffffffffff', 'g');
    const limits = madeOf('Max open files', 'unlimited', '1024', '999999999999999999999');
    const event = fc.uint8Array({ maxLength: 128 });
    fc.assert(
      fc.property(event, status, limits, (bytes, statusText, limitsText) => {
        const said = decodeProcessEvent(Buffer.from(bytes));
        expect(said === undefined || said === 'listening' || Number.isInteger(said)).toBe(true);
        expect(effectiveCapabilities(statusText).size).toBeLessThanOrEqual(64);
        const most = mostNamespaces(limitsText);
        expect(Number.isInteger(most) && most >= 1 && most <= 2_000).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it(`of processors and the kernel's arguments is understood, or refused with its place: ${RUNS} times`, () => {
    const cpus = madeOf(
      'processor',
      'vendor_id',
      'model name',
      'cpu MHz',
      'CPU implementer',
      'CPU part',
      '0x41',
      '0xd0c',
      'NaN',
      '__proto__',
    );
    const isolated = madeOf('0', '1-3', '4-', '-', ',', '9-7', '4294967295', '9007199254740993');
    const line = madeOf('quiet', 'root=/dev/vda', '__proto__=1', '__proto__.a=1', 'a="b c"');
    fc.assert(
      fc.property(cpus, isolated, line, (cpuInfo, list, commandLine) => {
        for (const cpu of parseCpus(cpuInfo, () => undefined))
          for (const value of Object.values(cpu)) expect(value === value && value !== '').toBe(true);
        try {
          for (const cpu of parseIsolated(list)) expect(Number.isSafeInteger(cpu)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(CanopyError);
        }
        parseCommandLine(commandLine);
        expect(({} as Record<string, unknown>).a).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });

  it(`of mounts is a list of them, and every path lies in at most one: ${RUNS} times`, () => {
    const mounts = madeOf(
      '22 27 0:21 / /proc rw shared:1 - proc proc rw',
      '23 27 0:4 net:[4026532008] /run/netns/blue rw - nsfs nsfs rw',
      ' - ',
      '\\040',
      '\\999',
      '/',
      '0:21',
    );
    fc.assert(
      fc.property(mounts, mounts, fc.constantFrom('/', '/proc', '/run/netns'), (ours, theirs, path) => {
        const here = parseMounts(ours);
        const mount = mountOf(path, here);
        if (mount !== undefined) expect(path.startsWith(mount.path)).toBe(true);
        for (const other of elsewhere(path, here, parseMounts(theirs))) expect(typeof other).toBe('string');
      }),
      { numRuns: RUNS },
    );
  });
});

describe('files of the system', () => {
  const root = mkdtempSync(join(tmpdir(), 'agt-fuzz-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const FILES = [
    '/proc/cpuinfo',
    '/proc/cmdline',
    '/proc/modules',
    '/proc/1/cgroup',
    '/proc/1/environ',
    '/proc/2/comm',
    '/proc/xen/capabilities',
    '/sys/devices/system/cpu/isolated',
    '/sys/class/dmi/id/sys_vendor',
    '/etc/os-release',
    '/etc/debian_version',
    '/var/lib/cloud/data/instance-id',
  ];

  // Each writes a dozen files: a hundredth as many.
  it('give facts that can be told, whatever is in them', () => {
    for (const file of FILES) mkdirSync(dirname(join(root, file)), { recursive: true });
    const content = fc.oneof(
      madeOf('ID=debian', 'VERSION_ID=', 'processor', 'kvm', 'control_d', '/docker/'),
      fc.uint8Array({ maxLength: 40 }),
    );
    fc.assert(
      fc.property(fc.array(content, { minLength: FILES.length, maxLength: FILES.length }), (contents) => {
        for (const [index, file] of FILES.entries()) writeFileSync(join(root, file), contents[index]!);
        const { facts, problems } = readPlatform(root);
        expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
        for (const problem of problems) expect(problem).toMatch(/^\/sys\/.*cannot be read/);
      }),
      { numRuns: Math.ceil(RUNS / 100) },
    );
  });

  it('are no namespaces, whatever their names', () => {
    const name = fc.string({ minLength: 1, maxLength: 12 }).map((text) => text.replace(/[/\0]/g, '_'));
    fc.assert(
      fc.property(name, fc.boolean(), (text, isThere) => {
        const path = join(root, `n${text}`);
        if (isThere) writeFileSync(path, text);
        expect(identify(path)).toBeUndefined();
        rmSync(path, { force: true });
      }),
      { numRuns: Math.ceil(RUNS / 10) },
    );
  });
});
