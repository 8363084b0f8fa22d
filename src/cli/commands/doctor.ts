import { defineCommand } from '../command.js';
import type { Finding, Health } from '../doctor/check.js';
import { INCOMPLETE, OK } from '../exitCodes.js';
import { paint, type Colour } from '../output/colour.js';
import { outputOption, printData } from '../output/format.js';
import { usageError } from '../parse.js';
import type { Terminal } from '../terminal.js';

const COLOURS: Readonly<Record<Health, Colour>> = { ok: 'good', warn: 'notice', fail: 'bad' };

export const command = defineCommand({
  name: 'doctor',
  summary: 'look at this machine and the data folder, and say what to do',
  details: [
    'Looks at versions, kernel, compiled libraries, capabilities, open files, address, tokens, disk, data folder and clock, and changes nothing. Exit code 5 when something',
    'does not work until something is done. With --agent: what the agent of this host needs, as this user and in this container. --repair and --compact change the data folder; the analyzer must be stopped.',
  ],
  options: {
    agent: {
      type: 'switch',
      doc: 'look at what an agent needs only: namespaces, the host’s processes and names, its state folder, the analyzer',
    },
    repair: { type: 'switch', doc: 'mend a damaged data folder, keeping all that is readable' },
    compact: { type: 'switch', doc: 'write the journal anew without the room that deleted changes have left' },
    output: outputOption,
  },
  settings: ['listen', 'dataDir', 'analyzer', 'tokenFile', 'insecure'],
  examples: [
    { line: 'doctor', says: 'is this machine ready?' },
    { line: 'doctor --agent --config /etc/canopy/agent.yaml', says: 'is this host, or this container, ready for an agent?' },
    { line: 'doctor --config /etc/canopy.yaml -o json', says: 'with the configuration of a service, for a script' },
    { line: 'doctor --repair --data-dir /var/lib/canopy', says: 'mend what a broken disk has left' },
    { line: 'doctor --compact --data-dir /var/lib/canopy', says: 'give room back to the disk' },
  ],
  async run({ options, terminal, config: load }) {
    if (options.repair && options.compact) throw usageError('--repair and --compact are given', 'Run one after the other; --repair first.');
    if (options.agent && (options.repair || options.compact))
      throw usageError('--agent is given with --repair or --compact', 'These are for the data folder of an analyzer; leave --agent out.');
    const { config } = await load();
    if (options.repair) return (await import('../doctor/maintenance.js')).repairFolder(config.dataDir, terminal, options.output);
    if (options.compact) return (await import('../doctor/maintenance.js')).compactFolder(config.dataDir, terminal, options.output);
    const { AGENT_CHECKS, CHECKS } = await import('../doctor/checks.js');
    const findings: Finding[] = [];
    // One after the other, so that measuring the disk is not disturbed by loading libraries.
    for (const check of options.agent ? AGENT_CHECKS : CHECKS) findings.push(...(await check(config)));
    if (options.output === 'json' || options.output === 'yaml') await printData(findings, options.output, terminal);
    else terminal.out(findings.map((finding) => render(finding, findings, terminal)).join(''));
    return findings.some(({ health }) => health === 'fail') ? INCOMPLETE : OK;
  },
});

function render({ name, health, says, advice }: Finding, all: readonly Finding[], { hasColour }: Terminal): string {
  const width = Math.max(...all.map((finding) => finding.name.length));
  const margin = ' '.repeat('fail'.length + 2 + width + 2);
  const head = `${paint(health.padEnd(4), COLOURS[health], hasColour)}  ${name.padEnd(width)}  ${says}\n`;
  return advice === undefined || health === 'ok' ? head : `${head}${margin}${advice}\n`;
}
