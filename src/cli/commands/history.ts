import { PROJECTION_FIELDS, describeProjection, projectionProblems, type ProjectionRow } from '../ask/projection.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { askWhole } from '../../client/ask.js';
import { defineCommand } from '../command.js';
import { INCOMPLETE, OK } from '../exitCodes.js';
import { outputOption, printData } from '../output/format.js';
import { usageError } from '../parse.js';

const DOCUMENT = `query HistoryStatus { status { oldest journal { changes bytes } projection { ${PROJECTION_FIELDS} } } }`;

interface Answer {
  readonly status: {
    readonly oldest: string;
    readonly journal: { readonly changes: number; readonly bytes: number };
    readonly projection: ProjectionRow | null;
  };
}

export const command = defineCommand({
  name: 'history',
  summary: 'say how Neo4j follows the log of changes, or have it written anew from there',
  details: [
    '`status` asks the analyzer. `rebuild neo4j` empties the database and writes the history into it again, from the data folder: when an analyzer runs on this folder it does the work and goes on serving, otherwise this command does. One that was interrupted is gone on with where it stopped. The journal in the data folder is only read.',
  ],
  positionals: [
    { name: 'ACTION', doc: 'what to do', choices: ['status', 'rebuild'] },
    { name: 'HOME', doc: 'what to rebuild', choices: ['neo4j'], optional: true },
  ],
  options: {
    anew: { type: 'switch', doc: 'begin again also where an interrupted rebuild could go on' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile', 'dataDir'],
  examples: [
    { line: 'history status', says: 'is Neo4j up to date? exit code 5 when it is away or has refused something' },
    { line: 'history rebuild neo4j --config /etc/canopy.yaml', says: 'write everything into an empty database, with the progress' },
  ],
  async run({ options, positionals: [action, home], terminal, config: load }) {
    const { config } = await load();
    if (action === 'rebuild') {
      if (home === undefined) throw usageError('it is not said what to rebuild', 'Write `canopy history rebuild neo4j`.');
      return (await import('../history/rebuild.js')).rebuild(config, terminal, { isAnew: options.anew === true, format: options.output });
    }
    const { status } = await askWhole<Answer>(await analyzerOf(config), { document: DOCUMENT });
    const { projection, journal, oldest } = status;
    if (options.output === 'json' || options.output === 'yaml') await printData(status, options.output, terminal);
    else {
      terminal.out(`journal    ${journal.changes} changes since ${oldest}\n`);
      terminal.out(
        `neo4j      ${projection === null ? 'not configured (`history.home` is `embedded`)' : describeProjection(projection)}\n`,
      );
      for (const { seq, id, error } of projection?.setAside ?? []) terminal.out(`  change ${seq} of ${id} was refused: ${error}\n`);
    }
    return projection !== null && projectionProblems(projection).length > 0 ? INCOMPLETE : OK;
  },
});
