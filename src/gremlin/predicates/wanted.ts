/**
 * What a value has to be, in words that a store understands. Whatever the dialect lets through, the words let through too; where they let
 * through more (`isExact` is false), the dialect's own test is asked again.
 */
export type Shape =
  /** A text that is one of these; for nodes also a list that has one of them. */
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  /** A text that begins so; for nodes also a list that has such a one. Never exact. */
  | { readonly kind: 'prefix'; readonly prefix: string }
  /** Something that is a whole number from one to the other, both included. */
  | { readonly kind: 'integers'; readonly from: number; readonly to: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'either'; readonly shapes: readonly Shape[] }
  /** Not of the shape; `mustBeThere`: and not missing either. */
  | { readonly kind: 'not'; readonly shape: Shape; readonly mustBeThere: boolean }
  | { readonly kind: 'anything' };

/** What a filter asks of an element. */
export type Wanted =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Wanted[] }
  | { readonly kind: 'value'; readonly key: string; readonly shape: Shape }
  | { readonly kind: 'there'; readonly key: string; readonly isThere: boolean }
  /** An end of an edge, which only texts are compared with: for every other shape it is not there. */
  | { readonly kind: 'end'; readonly end: 'parent' | 'child'; readonly shape: Shape };

/** What stands before the first character of a regular expression that is not itself. Empty where there are alternatives. */
export function literalPrefix(pattern: string): string {
  if (pattern.includes('|')) return '';
  const [literal] = /^[A-Za-z0-9 _:/@#%&=<>~,;!-]*/.exec(pattern)!;
  const next = pattern[literal.length];
  // What repeats may be missing.
  return next === '*' || next === '?' || next === '{' ? literal.slice(0, -1) : literal;
}
