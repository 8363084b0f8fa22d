import { GraphQLError, Kind, parse } from 'graphql';
import { scan } from '../../gremlin/scan.js';

/** What was typed, once it is whole. */
export type Statement =
  | { readonly language: 'gremlin'; readonly text: string }
  | { readonly language: 'graphql'; readonly text: string; readonly isSubscription: boolean }
  /** `:watch REST`. */
  | { readonly language: 'command'; readonly name: string; readonly rest: string };

export type Typed =
  { readonly kind: 'empty' } | { readonly kind: 'incomplete' } | { readonly kind: 'whole'; readonly statement: Statement };

/**
 * Reads what stands between the prompt and the cursor. `isOver`: nothing more will come, so what is incomplete is taken as it is, and
 * whoever runs it says what is wrong.
 */
export function readStatement(typed: string, isOver: boolean): Typed {
  const text = typed.trim();
  if (text === '' || isComment(text)) return { kind: 'empty' };
  const command = /^:(\w*)\s*([^]*)$/.exec(text);
  if (command !== null) {
    const [, name, rest] = command as unknown as [string, string, string];
    const isWhole = isOver || rest === '' || readStatement(rest, false).kind === 'whole';
    return isWhole ? { kind: 'whole', statement: { language: 'command', name, rest } } : { kind: 'incomplete' };
  }
  if (isGremlin(text)) return isOver || isBalanced(text) ? whole({ language: 'gremlin', text }) : { kind: 'incomplete' };
  const found = readDocument(text);
  return found.isWhole || isOver ? whole({ language: 'graphql', text, isSubscription: found.isSubscription }) : { kind: 'incomplete' };
}

const whole = (statement: Statement): Typed => ({ kind: 'whole', statement });

/** Both languages may be commented as GraphQL is; the dialect has no comments of its own. */
const isComment = (text: string): boolean => text.split('\n').every((line) => /^\s*(#|$)/.test(line));

/** A string of the dialect begins with the graph; no GraphQL document begins so. */
export const isGremlin = (text: string): boolean => /^\s*G\s*(\.|$)/i.test(text);

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const { kind, at, end, text: inner } of scan(text)) {
    if (kind === '(') depth += 1;
    else if (kind === ')') depth -= 1;
    // A string without its closing quote runs to the end.
    else if (kind === 'string' && end - at < inner.length + 2) return false;
  }
  return depth <= 0 && !/\.\s*$/.test(text);
}

/** A document that stops too early is not whole yet; one that is wrong in another way is: the analyzer says where. */
function readDocument(text: string): { readonly isWhole: boolean; readonly isSubscription: boolean } {
  try {
    const { definitions } = parse(text, { noLocation: true });
    const [first] = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    return { isWhole: true, isSubscription: first?.operation === 'subscription' };
  } catch (error) {
    const isCut = error instanceof GraphQLError && (error.message.includes('<EOF>') || error.message.includes('Unterminated'));
    return { isWhole: !isCut, isSubscription: false };
  }
}

/** Cuts a script into what would be typed one after the other: strings end with their line unless brackets are open, documents likewise. */
export function statementsIn(script: string): Statement[] {
  const statements: Statement[] = [];
  let typed = '';
  const lines = script.split('\n');
  lines.forEach((line, index) => {
    typed += `${line}\n`;
    const read = readStatement(typed, index === lines.length - 1);
    if (read.kind === 'incomplete') return;
    if (read.kind === 'whole') statements.push(read.statement);
    typed = '';
  });
  return statements;
}
