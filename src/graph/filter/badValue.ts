import { CanopyError } from '../../common/errors.js';

/** The error of a wrong argument: names the field, its value, and what would be valid. */
export const badValue = (field: string, value: unknown, valid: string): CanopyError =>
  new CanopyError('BAD_INPUT', `${field}: ${JSON.stringify(value)} is not valid; give ${valid}`, { details: { field, value, valid } });
