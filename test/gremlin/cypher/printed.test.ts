import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { printPlan, reads } from '../../../src/gremlin/cypher/print.js';
import { compile } from '../../../src/gremlin/gremlin.js';
import { CYPHER_MODEL } from '../../../src/history/neo4j/cypherModel.js';
import { STRINGS } from './strings.js';

/** What is reviewed: the string, its Cypher, the careful form where there is one, the values, and what runs outside. */
function printed(query: string): string {
  const plan = compile(query);
  const moment = reads(plan) === 'present' ? 'present' : 'past';
  const { statement, steps } = printPlan(plan, CYPHER_MODEL, moment)!;
  const careful = printPlan(plan, CYPHER_MODEL, moment, true)!;
  const outside = plan.steps.slice(steps).map(({ call, merged }) => [call, ...merged].map(({ text }) => text).join('.'));
  const lines = [`// ${query}`, statement.text, '', `// parameters: ${JSON.stringify(statement.parameters)}`];
  const checks = statement.checks.map(({ column }) => column);
  if (checks.length > 0) lines.push(`// asked again in memory: ${checks.join(', ')}`);
  if (outside.length > 0) lines.push(`// then outside: ${outside.join('.')}`);
  if (careful.statement.text !== statement.text) {
    lines.push(
      '',
      `// where a value is not in the database, and the first ${careful.steps} steps of ${plan.steps.length}:`,
      careful.statement.text,
    );
  }
  return `${lines.join('\n')}\n`;
}

describe('printed Cypher', () => {
  it.each(Object.entries(STRINGS))('%s', async (name, query) => {
    await expect(printed(query)).toMatchFileSnapshot(`./printed/${name}.cypher`);
  });

  it('has no file that no string asks for', () => {
    const names = readdirSync(new URL('./printed', import.meta.url)).map((file) => file.replace(/\.cypher$/, ''));
    expect(names.filter((name) => !Object.hasOwn(STRINGS, name))).toEqual([]);
  });

  it('has nothing of what the string says but parameters', () => {
    const { statement } = printPlan(compile(STRINGS['words-of-cypher']!), CYPHER_MODEL, 'past')!;
    expect(statement.text).not.toMatch(/DELETE|true|`/);
    expect(Object.values(statement.parameters)).toContain('`}) DETACH DELETE (n) //');
    expect(statement.parameters).not.toHaveProperty('t');
  });

  it('is nothing for a stretch of time', () => {
    expect(printPlan(compile("G.At(10, '5m').V()"), CYPHER_MODEL, 'past')).toBeUndefined();
    expect(printPlan(compile('G.At(10)'), CYPHER_MODEL, 'past')).toBeUndefined();
  });
});
