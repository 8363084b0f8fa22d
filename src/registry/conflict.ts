import { CanopyError } from '../common/errors.js';
import type { Expectation, RegistryKind } from './registry.js';

/** Something else is there than the writer expects: read again, decide again. */
export const conflict = (kind: RegistryKind, id: string, expects: Expectation): CanopyError =>
  new CanopyError(
    'CONFLICT',
    expects === 'absent' ? `${kind} ${id} exists already` : `${kind} ${id} was changed meanwhile; read it again`,
    {
      details: { kind, id, expects },
    },
  );

/** The home cannot be reached at present, or does not let us in. */
export const unreachable = (home: string, cause: unknown): CanopyError =>
  new CanopyError('STORE_UNAVAILABLE', `the registry (${home}) cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, {
    retriable: true,
    cause,
  });
