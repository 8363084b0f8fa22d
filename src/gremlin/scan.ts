/** Of what kind a token is; `illegal` is a character that nothing begins with, `end` stands after the last. */
export type TokenKind = 'word' | 'number' | 'string' | '(' | ')' | ',' | '.' | 'illegal' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string what stands between its quotes. */
  readonly text: string;
  /** Offsets in the source, the second after the last character. */
  readonly at: number;
  readonly end: number;
}

// Carriage return is no white space in this dialect: it is illegal.
const BLANK = /[ \t\n]*/y;
const WORD = /[A-Za-z][A-Za-z0-9_]*/y;
const NUMBER = /[0-9][0-9.]*/y;
const LETTER = /[A-Za-z]/;
/** Either quote closes either, nothing escapes, and the end of the source closes too. */
const STRING = /["']([^"'\0]*)["']?/y;

/** Reads one token after the other; after the last it goes on giving `end`. */
export class Scanner {
  #at = 0;

  constructor(readonly source: string) {}

  next(): Token {
    this.#match(BLANK);
    const at = this.#at;
    const first = this.source[at];
    if (first === undefined || first === '\0') return { kind: 'end', text: '', at, end: at };
    if (first === '(' || first === ')' || first === ',' || first === '.') return this.#take(first, first, at, at + 1);
    if (first === '"' || first === "'") {
      const [whole, text] = this.#match(STRING)!;
      return { kind: 'string', text: text!, at, end: at + whole.length };
    }
    const word = this.#match(WORD)?.[0];
    if (word !== undefined) return { kind: 'word', text: word, at, end: this.#at };
    const number = this.#match(NUMBER)?.[0];
    if (number === undefined) return this.#take('illegal', String.fromCodePoint(this.source.codePointAt(at)!), at);
    const after = this.source[this.#at];
    // `10ms` is one illegal token, not a number and a word.
    if (after !== undefined && LETTER.test(after)) return this.#take('illegal', number + after, at);
    return { kind: 'number', text: number, at, end: this.#at };
  }

  #take(kind: TokenKind, text: string, at: number, end = at + text.length): Token {
    this.#at = end;
    return { kind, text, at, end };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.source);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }
}

/** All tokens with the `end`. */
export function scan(source: string): Token[] {
  const scanner = new Scanner(source);
  const tokens: Token[] = [];
  for (;;) {
    const token = scanner.next();
    tokens.push(token);
    if (token.kind === 'end') return tokens;
  }
}
