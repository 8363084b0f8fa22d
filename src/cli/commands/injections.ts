import { askWhole } from '../../client/ask.js';
import { CanopyError } from '../../common/errors.js';
import { CANCEL_INJECTION, INJECTION_FIELDS } from '../ask/injections.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { outputOption, printData, printRows } from '../output/format.js';
import type { Column } from '../output/table.js';
import { usageError } from '../parse.js';

const USAGE = 'See canopy help injections.';

interface InjectionRow {
  readonly id: string;
  readonly type: string;
  readonly filePackets: number | null;
  readonly state: string;
  readonly sent: number;
  readonly count: number;
  readonly error: string | null;
  readonly trackingId: string | null;
  readonly srcIp: string;
  readonly dstIp: string;
  readonly startedAt: string;
  readonly node: { readonly name: string; readonly host: string } | null;
  readonly sendings: readonly unknown[];
}

const LIST = `{ injections { ${INJECTION_FIELDS} } }`;
const GET = `query ($id: ID!) { injection(id: $id) { ${INJECTION_FIELDS} } }`;

const COLUMNS: readonly Column<InjectionRow>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'TYPE', value: ({ type, filePackets }) => (filePackets === null ? type.toLowerCase() : `file of ${filePackets} packets`) },
  { title: 'NODE', value: ({ node, sendings }) => (sendings.length === 1 ? node?.name : `${sendings.length} nodes`) },
  { title: 'FROM', value: ({ srcIp }) => srcIp },
  { title: 'TO', value: ({ dstIp }) => dstIp },
  { title: 'STATE', value: ({ state }) => state.toLowerCase() },
  { title: 'SENT', value: ({ sent }) => sent, right: true },
  { title: 'TRACKING ID', value: ({ trackingId }) => trackingId },
  { title: 'BEGUN', value: ({ startedAt }) => startedAt },
  { title: 'ERROR', value: ({ error }) => error },
];

export const command = defineCommand({
  name: 'injections',
  summary: 'list and cancel what packets are being sent',
  details: ['Those that run, and those that ended within the last ten minutes. canopy inject begins one.'],
  positionals: [
    { name: 'ACTION', doc: 'what to do', choices: ['list', 'get', 'cancel'] },
    { name: 'ID', doc: 'which injection, for get and cancel', optional: true },
  ],
  options: { output: outputOption },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'injections list', says: 'what is sent, from where, and how far it is' },
    { line: 'injections cancel 6f1c9d2e-5a0b-4c6e-9a57-0d2f8f3c1b7e', says: 'no further packet is sent' },
  ],
  async run({ options: { output }, positionals: [action, id], terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    if (action === 'list') {
      if (id !== undefined) throw usageError(`injections list takes no id, but ${JSON.stringify(id)} was given`, USAGE);
      const { injections } = await askWhole<{ injections: InjectionRow[] }>(analyzer, { document: LIST });
      await printRows(injections, COLUMNS, output, terminal);
      if (injections.length === 0) terminal.err('no injections\n');
      return OK;
    }
    if (id === undefined) throw usageError(`injections ${action} needs the id of an injection`, USAGE);
    if (action === 'cancel') {
      await askWhole(analyzer, { document: CANCEL_INJECTION, variables: { id } });
      return OK;
    }
    const { injection } = await askWhole<{ injection: InjectionRow | null }>(analyzer, { document: GET, variables: { id } });
    if (injection === null) throw new CanopyError('NOT_FOUND', `there is no injection ${id}`);
    await printData(injection, output === 'yaml' ? 'yaml' : 'json', terminal);
    return OK;
  },
});
