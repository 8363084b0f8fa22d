import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Makes the recording that the tests read of the lines that the guest sent: `tsx assemble.ts ANSWERS OUT`. Bytes stay hex; beside those of a
 * link stands what `ip -d -j link` said of it at the same moment, and beside those of WireGuard what `wg show` said, without the keys that are secret.
 */

const [answers, out] = process.argv.slice(2) as [string, string];
const lines = readFileSync(answers, 'latin1')
  .split('\n')
  .map((line) => line.trimEnd());

/** What follows the word in each line that begins with it. */
const after = (word: string): string[] => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
/** The same as name and value. */
const named = (word: string): [name: string, value: string][] =>
  after(word).map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);

const ip = JSON.parse(after('ip')[0]!) as { ifname: string }[];
const functions = new Map(named('functions'));
const [sets, strings, values] = [new Map(named('sset')), new Map(named('strings')), new Map(named('stats'))];
const drivers = new Map(named('driver'));

/** INTERFACE PRIVATE PUBLIC PORT FWMARK, and for each peer INTERFACE PUBLIC SHARED ENDPOINT ALLOWED HANDSHAKE RX TX KEEPALIVE. */
const wg = after('wg').map((line) => {
  const words = line.split(' ');
  return words.length === 5
    ? { device: words[0], publicKey: words[2], listenPort: words[3], fwmark: words[4] }
    : {
        device: words[0],
        peer: words[1],
        endpoint: words[3],
        allowedIPs: words[4],
        handshake: words[5],
        rx: words[6],
        tx: words[7],
        keepalive: words[8],
      };
});

const recording = {
  kernel: after('kernel')[0],
  iproute2: after('iproute2')[0],
  lacks: after('lacks'),
  nsIds: after('nsid'),
  links: named('link').map(([name, message]) => ({
    name,
    message,
    // Only adapters have functions: the second answer for all others is the first one.
    ...(functions.get(name) === message ? {} : { functions: functions.get(name) }),
    driver: drivers.get(name),
    ip: ip.find(({ ifname }) => ifname === name),
  })),
  statistics: [...new Set(named('counter').map(([name]) => name))].map((name) => ({
    name,
    info: sets.get(name),
    strings: strings.get(name),
    values: values.get(name),
    // NUMBER NAME, where a name may have blanks.
    ethtool: Object.fromEntries(
      named('counter')
        .filter(([other]) => other === name)
        .map(([, counter]) => [counter.slice(counter.indexOf(' ') + 1), Number(counter.slice(0, counter.indexOf(' ')))]),
    ),
  })),
  sysfs: Object.fromEntries(named('sysfs')),
  /** Answer to the question for the number of the family. */
  family: new Map(named('family')).get('wireguard'),
  wireguard: [...new Set(named('wireguard').map(([name]) => name))].map((name) => ({
    name,
    messages: named('wireguard')
      .filter(([other]) => other === name)
      .map(([, message]) => message),
    wg: wg.filter(({ device }) => device === name),
  })),
};

writeFileSync(out, `${JSON.stringify(recording, undefined, 1)}\n`);
