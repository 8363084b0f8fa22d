import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.js';
import { Session } from '../../src/cli/shell/session.js';
import { readStatement, statementsIn } from '../../src/cli/shell/statement.js';
import { openRig, publish, type Rig } from '../server/rig.js';
import { recordTerminal } from './terminal.js';

describe('what is typed', () => {
  it.each([
    ['G.V()', 'gremlin'],
    ['  g.V().Count()', 'gremlin'],
    ["G.V().Has('a)', 'b(')", 'gremlin'],
    ['{ status { nodes } }', 'graphql'],
    ['query Q { status { nodes } }', 'graphql'],
    ['{ status { nodes ] }', 'graphql'],
    [':help', 'command'],
    [':explain G.V()', 'command'],
  ])('%s is whole', (typed, language) => {
    expect(readStatement(typed, false)).toMatchObject({ kind: 'whole', statement: { language } });
  });

  it.each(['G.V(', "G.V().Has('Type', 've", 'G.', 'G.V().', '{ status {', 'query Q', '{ node(id: "x', ':watch G.V('])(
    '%s goes on, unless it is over',
    (typed) => {
      expect(readStatement(typed, false).kind).toBe('incomplete');
      expect(readStatement(typed, true).kind).toBe('whole');
    },
  );

  it.each(['', '  \n', '# a remark'])('%j says nothing', (typed) => expect(readStatement(typed, false).kind).toBe('empty'));

  it('knows a subscription', () => {
    expect(readStatement('subscription { statusChanges { nodes } }', false)).toMatchObject({ statement: { isSubscription: true } });
  });

  it('is cut out of a script', () => {
    const script = "# both\nG.V().Has('Type',\n  'veth')\n\n{\n  status { nodes }\n}\n:output json\n";
    expect(statementsIn(script).map(({ language }) => language)).toEqual(['gremlin', 'graphql', 'command']);
  });
});

describe('canopy shell', () => {
  let rig: Rig;
  let home: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'canopy-shell-'));
    rig = await openRig();
    await publish(rig.url, {
      nodes: [
        { id: 'br', name: 'br0', type: 'bridge' },
        { id: 'v1', name: 'veth1', type: 'veth' },
      ],
    });
  });
  afterAll(async () => {
    await rig.close();
    rmSync(home, { recursive: true });
  });

  const script = async (input: string) => {
    const terminal = recordTerminal({ input });
    const code = await run(['shell', '--analyzer', rig.url], terminal);
    return { code, answers: terminal.answers, messages: terminal.messages };
  };

  it('runs a script, and stops where a statement fails', async () => {
    const { code, answers, messages } = await script('G.V().Count()\n{ status { nodes } }\nG.V().Hass()\nG.E().Count()\n');
    expect(answers).toBe('2\n{\n  "status": {\n    "nodes": 2\n  }\n}\n');
    expect(messages).toContain('  G.V().Hass()\n        ^\nExpected here: a step. Did you mean Has?');
    expect(code).toBe(2);
  });

  it.each([
    [':nope\n', ':help lists them'],
    [':output tables\n', ':output table'],
    [':watch\n', 'nothing to watch'],
    [':explain\n', 'the string is missing'],
    ['{ statu }\n', '{ statu }\n    ^'],
  ])('says what is wrong with %j', async (input, text) => {
    const { code, messages } = await script(input);
    expect(messages).toContain(text);
    expect(code).toBe(2);
  });

  it.each([
    ['G.V().Coun', { texts: ['Count'], replaces: 'Coun' }],
    ["G.V().Has('Type', 'b", { texts: ['bridge'], replaces: 'b' }],
    [":watch G.V().Has('Type', '", { texts: ['bridge', 'veth'], replaces: '' }],
    ['{ statu', { texts: ['status'], replaces: 'statu' }],
    ['{ nodes(ord', { texts: ['orderBy'], replaces: 'ord' }],
    [':wa', { texts: ['watch'], replaces: 'wa' }],
    ['', { texts: [], replaces: '' }],
  ])('completes %s', async (typed, expected) => {
    const session = new Session({ url: rig.url, token: undefined }, recordTerminal(), undefined);
    expect(await session.complete(typed)).toEqual(expected);
  });

  it('completes nothing while the analyzer is away', async () => {
    const session = new Session({ url: 'http://127.0.0.1:1', token: undefined }, recordTerminal(), undefined);
    expect(await session.complete('G.V().')).toEqual({ texts: [], replaces: '' });
    expect(await session.complete('{ st')).toEqual({ texts: [], replaces: '' });
  });

  it('converses: completion, lines that go on, errors that end nothing, Ctrl-C, history', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    let shown = '';
    output.on('data', (part: Buffer) => (shown += part.toString()));
    const terminal = recordTerminal({ conversation: { input, output }, environment: { XDG_STATE_HOME: home } });
    const ended = run(['shell', '--analyzer', rig.url], terminal);
    const until = async (isThere: () => boolean) => {
      for (let tries = 0; !isThere(); tries++) {
        if (tries > 400) throw new Error(`not shown; the screen: ${shown}\nanswers: ${terminal.answers}\nmessages: ${terminal.messages}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    };
    await until(() => shown.includes('canopy> '));
    input.write("G.V().Has('Ty\t");
    await until(() => shown.includes("Has('Type"));
    input.write("', 'bridge')\n");
    await until(() => terminal.answers.includes('br0'));
    input.write('{ status {\n');
    await until(() => shown.includes('   ...> '));
    input.write('nodes } }\n');
    await until(() => terminal.answers.includes('"nodes": 2'));
    input.write('G.Q()\n');
    await until(() => terminal.messages.includes('GREMLIN_SYNTAX'));
    input.write(':watch G.V().Count()\n');
    await until(() => /Z\n2\n/.test(terminal.answers));
    input.write('\x03');
    input.write('G.V().Limit(1).Count()\n');
    await until(() => terminal.answers.endsWith('1\n'));
    input.write(':quit\n');
    expect(await ended).toBe(0);
    const file = join(home, 'canopy', 'shell-history');
    expect(readFileSync(file, 'utf8').split('\n').slice(0, 3)).toEqual(["G.V().Has('Type', 'bridge')", '{ status { nodes } }', 'G.Q()']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
