import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { ok, warn, type Check, type Finding } from './check.js';

/** Difference to the analyzer's clock above which stamps of agents are worth a look, milliseconds. The `Date` header counts whole seconds. */
const FAR_APART = 2_000;
const PATIENCE = 1_000;

export const checkClock: Check = async ({ analyzer }) => {
  const [synchronized, offset] = await Promise.all([isSynchronized(), offsetTo(analyzer)]);
  const findings: Finding[] = [];
  if (synchronized === false) findings.push(warn('clock', 'is not synchronised', 'Run chrony, systemd-timesyncd or another NTP client.'));
  else
    findings.push(
      ok(
        'clock',
        synchronized === true ? 'is synchronised' : `says ${new Date().toISOString()}; whether it is synchronised cannot be told here`,
      ),
    );
  if (offset !== undefined && Math.abs(offset) > FAR_APART) {
    findings.push(
      warn(
        'clock',
        `is ${Math.abs(offset / 1000).toFixed(0)} s ${offset > 0 ? 'behind' : 'ahead of'} the analyzer's`,
        'Synchronise both; the time axis is the analyzer’s.',
      ),
    );
  }
  return findings;
};

/** What systemd knows; `undefined` where it is not there to ask. */
const isSynchronized = (): Promise<boolean | undefined> =>
  new Promise((resolve) => {
    execFile('timedatectl', ['show', '--property=NTPSynchronized', '--value'], { timeout: PATIENCE }, (error, output) => {
      const answer = output.trim();
      resolve(error !== null || (answer !== 'yes' && answer !== 'no') ? undefined : answer === 'yes');
    });
  });

/** Milliseconds that the analyzer's clock is ahead of ours; `undefined` when it does not answer. */
const offsetTo = (analyzer: string): Promise<number | undefined> =>
  new Promise((resolve) => {
    if (!analyzer.startsWith('http:')) return resolve(undefined);
    const outgoing = request(`${analyzer}/healthz`, { timeout: PATIENCE }, (answer) => {
      answer.resume();
      const theirs = Date.parse(answer.headers.date ?? '');
      resolve(Number.isNaN(theirs) ? undefined : theirs - Date.now());
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(undefined));
    outgoing.end();
  });
