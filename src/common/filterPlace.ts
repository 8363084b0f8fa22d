/** Where a text of pcap-filter(7) is wrong. libpcap says only what is wrong, so its own parser is asked how far it gets with shorter and shorter texts. */

/** Line and column, both from 1, and the word there: empty where the text ends too early. */
export interface FilterPlace {
  readonly line: number;
  readonly column: number;
  readonly near: string;
}

/** What libpcap says against a text; `undefined` when it is good. */
export type Compile = (text: string) => string | undefined;

/** libpcap's scanner refuses this word by its name, wherever it stands: when the message names it, the parser has accepted everything before it. */
const UNREADABLE = '1:1:1:1:1:1:999.1.1.1';

/** What libpcap's scanner reads as one: IPv6 and MAC addresses, names and numbers with dots and dashes, operators. */
const WORD = /[\da-fA-F]*:[\da-fA-F]*:[\da-fA-F:.]*|\\?\w(?:[\w.-]*\w)?|&&|\|\||<<|>>|[<>=!]=|\S/gu;

interface Word {
  readonly text: string;
  readonly at: number;
}

/** The place in a text that libpcap refused with this message; `undefined` where it is the text as a whole. */
export function filterPlace(text: string, message: string, compile: Compile): FilterPlace | undefined {
  // Nothing is compiled again for a name that cannot be resolved: each time might take as long as a name server is waited for.
  const only = quotedIn(message).find((quoted) => text.split(quoted).length === 2);
  if (only !== undefined) return placeOf(text, { text: only, at: text.indexOf(only) });
  const gets = (end: number): boolean => compile(`${text.slice(0, end)} ${UNREADABLE}`)?.includes(UNREADABLE) ?? false;
  if (!gets(0)) return undefined;
  const words = Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({ text: word, at: index }));
  let good = 0;
  for (let bad = words.length + 1; bad - good > 1;) {
    const middle = (good + bad) >> 1;
    if (gets(endOf(words[middle - 1]!))) good = middle;
    else bad = middle;
  }
  const refused = words[good];
  if (!message.includes('syntax error')) return named(text, message, words.slice(0, good + 1)) ?? (refused && placeOf(text, refused));
  return placeOf(text, refused ?? { text: '', at: text.trimEnd().length });
}

/** ` (column 5: 'prt')`, or nothing: what follows libpcap's message. */
export function inWords(place: FilterPlace | undefined): string {
  if (place === undefined) return '';
  const { line, column, near } = place;
  return ` (${line > 1 ? `line ${line}, ` : ''}column ${column}: ${near === '' ? 'the filter ends too early' : `'${near}'`})`;
}

/** The last word that the message is about: quoted there, or standing there by itself. */
function named(text: string, message: string, words: readonly Word[]): FilterPlace | undefined {
  const last = words.at(-1);
  if (last === undefined) return undefined;
  for (const quoted of quotedIn(message)) {
    const at = text.lastIndexOf(quoted, endOf(last) - 1);
    if (at >= 0) return placeOf(text, { text: quoted, at });
  }
  const said = new Set(message.split(/[\s,]+/u));
  const word = words.findLast((one) => said.has(one.text));
  return word && placeOf(text, word);
}

const quotedIn = (message: string): string[] => Array.from(message.matchAll(/['"]([^'"]+)['"]/gu), ([, quoted]) => quoted!);

const endOf = ({ text, at }: Word): number => at + text.length;

function placeOf(source: string, { text, at }: Word): FilterPlace {
  const before = source.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n'), near: text };
}
