import { compileAddress } from '../../graph/filter/addressFilter.js';
import type { IntFilter } from '../../graph/filter/intFilter.js';
import { compileString } from '../../graph/filter/stringFilter.js';
import type { FlowCondition } from '../condition.js';
import { ID_FIELDS, NUMBER_FIELDS, TEXT_FIELDS } from './layout.js';
import { idOf } from './rows.js';
import type { Texts } from './texts.js';

/** The condition as SQL over updates. Only numbers are spliced in: what is asked of texts is answered by the texts in memory. */
export function whereClause(condition: FlowCondition, texts: Texts): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.length === 0 ? 'TRUE' : `(${condition.of.map((part) => whereClause(part, texts)).join(' AND ')})`;
    case 'any':
      return condition.of.length === 0 ? 'FALSE' : `(${condition.of.map((part) => whereClause(part, texts)).join(' OR ')})`;
    case 'not':
      return `NOT ${whereClause(condition.of, texts)}`;
    case 'text': {
      const test = compileString(condition.filter, 'filter');
      const numbers = texts.matching((text) => test([text]));
      return among(TEXT_FIELDS[condition.field], test([]) ? [0, ...numbers] : numbers);
    }
    case 'address': {
      const test = compileAddress(condition.filter, 'filter');
      const columns = condition.fields.map((field) => TEXT_FIELDS[field]);
      const numbers = texts.matching((text) => test([text]));
      const some = columns.map((column) => among(column, numbers)).join(' OR ');
      // Without any address the condition holds only where it asks for that.
      return test([]) ? `(${some} OR (${columns.map((column) => `${column} = 0`).join(' AND ')}))` : `(${some})`;
    }
    case 'number':
      return numberClause(
        condition.fields.map((field) => NUMBER_FIELDS[field]),
        condition.filter,
      );
    case 'id':
      return among(ID_FIELDS[condition.field], condition.in.filter((id) => /^[0-9a-f]{1,16}$/.test(id)).map(idOf));
    case 'finished':
      return condition.isFinished ? 'finish <> 0' : 'finish = 0';
  }
}

const among = (column: string, numbers: readonly (number | bigint)[]): string =>
  numbers.length === 0 ? 'FALSE' : `${column} IN (${numbers.join(', ')})`;

/** A filter holds for the values that are there: any of them, and for `ne` none of them. */
function numberClause(expressions: readonly string[], filter: IntFilter): string {
  const { eq, ne, gt, gte, lt, lte, in: list, exists } = filter;
  const any = (test: (expression: string) => string): string =>
    `(${expressions.map((each) => `COALESCE(${test(each)}, FALSE)`).join(' OR ')})`;
  const parts: string[] = [];
  const compare = (operator: string, value: number | null | undefined): void => {
    if (typeof value === 'number') parts.push(any((each) => `${each} ${operator} ${value}`));
  };
  compare('=', eq);
  compare('>', gt);
  compare('>=', gte);
  compare('<', lt);
  compare('<=', lte);
  if (typeof ne === 'number') parts.push(`NOT ${any((each) => `${each} = ${ne}`)}`);
  if (list) parts.push(list.length === 0 ? 'FALSE' : any((each) => `${each} IN (${list.join(', ')})`));
  if (typeof exists === 'boolean') parts.push(`${exists ? '' : 'NOT '}${any((each) => `${each} IS NOT NULL`)}`);
  return parts.length === 0 ? 'TRUE' : `(${parts.join(' AND ')})`;
}
