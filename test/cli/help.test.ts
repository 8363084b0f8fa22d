import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, GROUPS } from '../../src/cli/commands/registry.js';
import { allOptions, checkPositionals, parseArguments } from '../../src/cli/parse.js';
import { run } from '../../src/cli/run.js';
import { describeWith, program } from '../needs.js';
import { recordTerminal } from './terminal.js';
import { words } from './words.js';

const canopy = async (...args: string[]) => {
  const terminal = recordTerminal();
  return { code: await run(args, terminal), ...terminal };
};

describe('help', () => {
  it('lists every command once', async () => {
    const { code, answers } = await canopy();
    expect(code).toBe(0);
    for (const name of Object.keys(COMMANDS)) expect(answers).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    expect(GROUPS.flatMap(([, names]) => names).sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  it.each(Object.keys(COMMANDS))('of %s has examples that can be parsed', async (name) => {
    const { code, answers } = await canopy(name, '--help');
    expect(code).toBe(0);
    expect(answers).toBe((await canopy('help', name)).answers);
    const command = await COMMANDS[name]!();
    expect(command.name).toBe(name);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { line } of command.examples) {
      expect(answers).toContain(`canopy ${line}`);
      const [first, ...args] = words(line.replace(/ [>|].*$/, ''));
      expect(first).toBe(name);
      const { positionals } = parseArguments(args, allOptions(command), '');
      checkPositionals(command, positionals, '');
    }
  });

  it('fits on a screen', async () => {
    for (const name of Object.keys(COMMANDS)) {
      const { answers } = await canopy('help', name);
      const wide = answers.split('\n').filter((line) => line.length > 100 && !line.startsWith('  canopy '));
      expect(wide).toEqual([]);
    }
  });

  it.each(['exit-codes', 'config'])('has the page %s', async (topic) => expect((await canopy('help', topic)).code).toBe(0));
});

describe('a mistyped line', () => {
  it.each([
    [['nods'], "unknown command 'nods'", 'Did you mean `canopy nodes`?'],
    [['constructor'], "unknown command 'constructor'", '`canopy help` lists the commands.'],
    [['help', 'exitcodes'], "no help for 'exitcodes'", 'canopy help exit-codes'],
    [['nodes', '--typ', 'veth'], 'unknown option --typ', 'Did you mean --type?'],
    [['nodes', '--toString'], 'unknown option --toString', 'canopy nodes --help'],
    [['nodes', '--listen', '127.0.0.1:1'], 'unknown option --listen', 'canopy nodes --help'],
    [['nodes', '--type'], '--type needs a value: --type TYPE', ''],
    [['nodes', '--watch=yes'], '--watch takes no value', ''],
    [['nodes', '-o', 'jsn'], "-o cannot be 'jsn'; valid is one of table, json, yaml", 'Did you mean json?'],
    [['nodes', 'veth'], "unexpected argument 'veth'", ''],
    [['diff'], 'FROM is missing: the earlier instant', ''],
    [['completion', 'tcsh'], "SHELL cannot be 'tcsh'; valid is one of bash, zsh, fish", ''],
    [['nodes', '--set', 'limits.depth'], "'limits.depth' is not KEY=VALUE", ''],
    [['nodes', '--set', 'limits.deph=3'], "flag --set: unknown key 'limits.deph'", "Did you mean 'limits.depth'?"],
    [['nodes', '--analyzer', 'nowhere'], 'flag --analyzer: analyzer cannot be "nowhere"', 'valid is a URL'],
    [['nodes', '--config', '/nonexistent.yaml'], 'cannot read the configuration file /nonexistent.yaml', ''],
    [['query'], 'DOC is missing', 'Write it in quotes'],
    [['query', 'subscription { x }'], 'this document is a subscription', 'Add --watch'],
    [['query', '{ x }', '--variables', '{'], '--variables is not JSON', ''],
    [['doctor', '--repair', '--compact'], '--repair and --compact are given', ''],
  ])('canopy %j ends in 2 and says what is meant', async (args, message, advice) => {
    const { code, answers, messages } = await canopy(...args);
    expect(messages).toContain(message);
    expect(messages).toContain(advice);
    expect({ code, answers }).toEqual({ code: 2, answers: '' });
  });
});

describe('arguments', () => {
  const command = COMMANDS.nodes!;
  const parse = async (...args: string[]) => parseArguments(args, allOptions(await command()), '');

  it('take instants that begin with a dash', async () => {
    expect((await parse('--at', '-5m')).values.at).toBe('-5m');
    expect((await parse('--at=-5m')).values.at).toBe('-5m');
    expect(parseArguments(['-2h', '-1h'], {}, '').positionals).toEqual(['-2h', '-1h']);
  });

  it('collect what may be repeated, and let the last of the others win', async () => {
    const { values } = await parse('--type', 'veth', '--type=bridge', '-w', '-ojson', '--at', '1', '--at', '2');
    expect(values).toEqual({ type: ['veth', 'bridge'], watch: true, output: 'json', at: '2' });
  });

  it('of the configuration may stand before the command', async () => {
    const { messages } = await canopy('--analyzer', 'http://127.0.0.1:1', 'nodes');
    expect(messages).toContain('cannot reach the analyzer at http://127.0.0.1:1: nothing listens there');
  });
});

describe('completion', () => {
  const script = async (shell: string) => (await canopy('completion', shell)).answers;

  describeWith([program('bash')], 'for bash', () => {
    const folder = mkdtempSync(join(tmpdir(), 'canopy-completion-'));
    const complete = async (...line: string[]) => {
      const file = join(folder, 'canopy.bash');
      writeFileSync(file, await script('bash'));
      execFileSync('bash', ['-n', file]);
      const quoted = line.map((word) => `'${word}'`).join(' ');
      const asked = `source ${file}; COMP_WORDS=(${quoted}); COMP_CWORD=${line.length - 1}; _canopy; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', asked], { encoding: 'utf8' }).trim().split('\n');
    };

    it('is a valid script that completes commands, options and values', async () => {
      expect(await complete('canopy', 'no')).toEqual(['nodes', 'node']);
      expect(await complete('canopy', 'nodes', '--st')).toEqual(['--state']);
      expect(await complete('canopy', 'nodes', '-o', 'j')).toEqual(['json']);
      expect(await complete('canopy', 'completion', '')).toContain('zsh');
      expect(await complete('canopy', 'help', 'exit')).toEqual(['exit-codes']);
      expect(await complete('canopy', 'nodes', '--config', folder)).toEqual([folder]);
      rmSync(folder, { recursive: true, force: true });
    });
  });

  it.each(['zsh', 'fish'] as const)('for %s names every command and option', async (shell) => {
    const text = await script(shell);
    for (const name of Object.keys(COMMANDS)) expect(text).toContain(name);
    expect(text).toContain(shell === 'fish' ? '-l state' : '--state');
  });

  // Shells that most machines lack: checked where they are.
  for (const [shell, check] of [
    ['zsh', '-n'],
    ['fish', '--no-execute'],
  ] as const) {
    it.runIf(program(shell).isMet())(`for ${shell} is a valid script`, async () => {
      const file = join(mkdtempSync(join(tmpdir(), 'canopy-completion-')), `canopy.${shell}`);
      writeFileSync(file, await script(shell));
      execFileSync(shell, [check, file]);
      rmSync(dirname(file), { recursive: true });
    });
  }
});
