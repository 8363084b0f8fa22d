import type { Json } from '../../common/json.js';

const DECIMAL = /^[+-]?[1-9][0-9]*$/;
const PREFIXED = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]*))$/;

/** A whole number as Go reads it with base 0: decimal, `0x…`, `0b…`, `0o…` and, for a leading zero, octal. */
function integerOfText(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const found = PREFIXED.exec(text);
  if (found === null) return undefined;
  const [, sign, hexadecimal, binary, octal] = found;
  const value =
    hexadecimal !== undefined ? parseInt(hexadecimal, 16) : binary !== undefined ? parseInt(binary, 2) : parseInt(octal || '0', 8);
  return sign === '-' ? -value : value;
}

/**
 * The weak cast to a whole number that comparisons, `Sort` and `Values` of the dialect use: fractions are cut, booleans are 1 and 0, `null` is 0,
 * texts that are whole numbers count as such. `undefined` for everything else.
 */
export function toInteger(value: Json | undefined): number | undefined {
  switch (typeof value) {
    case 'number':
      return Math.trunc(value);
    case 'string': {
      // Most texts are names: the first character tells.
      const first = value.charCodeAt(0);
      return (first >= 48 && first <= 57) || first === 45 || first === 43 ? integerOfText(value) : undefined;
    }
    case 'boolean':
      return value ? 1 : 0;
    default:
      return value === null ? 0 : undefined;
  }
}
