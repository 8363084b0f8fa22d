import type { Call } from '../command.js';
import { analyzerOf } from './analyzerOf.js';
import type { TopologyChange } from '../../client/topology.js';
import { OK } from '../exitCodes.js';
import { paint, printable, stateColour, type Colour } from '../output/colour.js';
import { interruption } from './interrupt.js';
import { isEdge, type ElementRow } from '../../client/elements.js';
import { describePath, nameElement, nameNode, type NodeNames } from './describe.js';

/** The option of every command that can go on with what changes. */
export const watchOption = { type: 'switch', short: 'w', doc: 'go on with every change as it happens, until Ctrl-C' } as const;

export interface Watching {
  readonly filter?: object;
  readonly after?: string;
  /** Whether what is there already is shown first. */
  readonly picture: boolean;
  readonly shows: (element: ElementRow) => boolean;
}

const SIGNS: Readonly<Record<TopologyChange['op'], readonly [sign: string, colour: Colour]>> = {
  ADDED: ['+', 'good'],
  UPDATED: ['~', 'notice'],
  REMOVED: ['-', 'bad'],
};

/** Follows the topology and prints one line an event; comes back by itself when the connection is lost. Ends with Ctrl-C. */
export async function watch(
  { terminal, config, options }: Pick<Call, 'terminal' | 'config'> & { options: { output?: string } },
  watching: Watching,
): Promise<number> {
  const { watchTopology } = await import('../../client/topology.js');
  const analyzer = await analyzerOf((await config()).config);
  const { signal, release } = interruption(terminal);
  const isJson = options.output === 'json';
  const line = isJson ? (event: object) => terminal.out(`${JSON.stringify(event)}\n`) : undefined;
  const note = (text: string) => terminal.err(`${text}\n`);
  // Nodes that were seen, so that edges can be shown by the names of their ends.
  const names = new Map<string, string>();
  const learn = (element: ElementRow) => void (isEdge(element) || names.set(element.id, nameNode(element)));
  try {
    const news = watchTopology(analyzer, {
      filter: watching.filter,
      after: watching.after,
      signal,
      onLost: (error) => note(`${error.message.split('\n')[0]}; trying again`),
    });
    for await (const event of news) {
      if (event.kind === 'restart') {
        line?.({ op: 'RESTART', reason: event.reason });
        note(`begins anew: ${event.reason}`);
      } else if (event.kind === 'present') {
        event.nodes.forEach(learn);
        if (!watching.picture) continue;
        for (const element of [...event.nodes, ...event.edges].filter(watching.shows)) {
          if (line) line({ op: 'PRESENT', element });
          else terminal.out(`${describe('', ' ', undefined, element, names, terminal.hasColour)}\n`);
        }
        if (event.isComplete) line?.({ op: 'COMPLETE', cursor: event.cursor });
      } else {
        for (const { element } of event.changes) learn(element);
        for (const change of event.changes.filter(({ element }) => watching.shows(element))) {
          if (line) line({ ...change, cursor: event.cursor });
          else terminal.out(describeChange(change, names, terminal.hasColour));
        }
      }
    }
    return OK;
  } finally {
    release();
  }
}

/** A change on one line, and below it what it changed. */
export function describeChange({ op, at, reason, element, paths }: TopologyChange, names: NodeNames, hasColour: boolean): string {
  const [sign, colour] = SIGNS[op];
  const why = reason === null || reason === 'REMOVED' ? '' : ` (${reason})`;
  const details = op === 'UPDATED' ? paths.map((path) => `    ${printable(describePath(path))}\n`).join('') : '';
  return `${describe(`${at} `, sign, colour, element, names, hasColour)}${why}\n${details}`;
}

function describe(
  time: string,
  sign: string,
  colour: Colour | undefined,
  element: ElementRow,
  names: NodeNames,
  hasColour: boolean,
): string {
  const state = isEdge(element) ? '' : ` ${paint(element.state, stateColour(element.state), hasColour)}`;
  return `${time}${paint(sign, colour, hasColour)} ${printable(nameElement(element, names))}${state}`;
}
