/** Predicates by the name in which errors call them. */
export const PREDICATES = {
  NE: 'Ne',
  NEE: 'Nee',
  LT: 'Lt',
  GT: 'Gt',
  LTE: 'Lte',
  GTE: 'Gte',
  INSIDE: 'Inside',
  BETWEEN: 'Between',
  WITHIN: 'Within',
  WITHOUT: 'Without',
  REGEX: 'Regex',
  IPV4RANGE: 'IPV4Range',
} as const;
export type PredicateName = keyof typeof PREDICATES;

export const CONSTANTS = ['ASC', 'DESC', 'NOW', 'FOREVER'] as const;
export type Constant = (typeof CONSTANTS)[number];

/** Where something stands in the source. */
export interface Span {
  readonly at: number;
  readonly end: number;
}

/** One parameter of a step or predicate, as read. */
export type Argument = Span &
  (
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'integer'; readonly value: number }
    | { readonly kind: 'float'; readonly value: number }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'constant'; readonly value: Constant }
    | { readonly kind: 'predicate'; readonly name: PredicateName; readonly args: readonly Argument[]; readonly text: string }
    | { readonly kind: 'metadata'; readonly args: readonly Argument[]; readonly text: string }
  );

/** As Go prints the value: what stands in the error texts of the dialect. */
export const argumentText = (argument: Argument): string =>
  argument.kind === 'predicate' || argument.kind === 'metadata' ? argument.text : String(argument.value);

/** A list the same way: `[a 1 true]`. */
export const listText = (args: readonly Argument[]): string => `[${args.map(argumentText).join(' ')}]`;
