/** Colours by meaning; nothing is ever said by colour alone. */
export type Colour = 'good' | 'bad' | 'notice' | 'quiet' | 'strong';

/** Select graphic rendition, ECMA-48 §8.3.117. */
const CODES: Readonly<Record<Colour, number>> = { good: 32, bad: 31, notice: 33, quiet: 2, strong: 1 };

/** The text in a colour where the terminal has colours. */
export const paint = (text: string, colour: Colour | undefined, hasColour: boolean): string =>
  hasColour && colour !== undefined ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;

/** Colour of a node's state. */
export const stateColour = (state: string): Colour => (state === 'UP' ? 'good' : state === 'DOWN' ? 'bad' : 'quiet');

/** Names come from whoever publishes them: control characters are shown as codes, so that none steers the terminal. */
export const printable = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
