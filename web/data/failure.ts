/** Why a question was not answered, in words for people. */
export interface Failure {
  /** `extensions.code` of the first error; `NETWORK` when the analyzer could not be reached. */
  readonly code: string;
  readonly message: string;
  /** Whether the same question may be answered later. */
  readonly isRetriable: boolean;
  /** What the analyzer knows about the place of the fault: line, column, what is valid. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** A question that failed as a whole. */
export class QuestionFailed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

interface RawError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly retriable?: boolean; readonly details?: Record<string, unknown> };
}

/** The first of the errors; there is no use in showing ten that follow from it. */
export function failureOf(errors: readonly RawError[]): Failure {
  const [{ message, extensions }] = errors as [RawError];
  return {
    code: extensions?.code ?? 'UNKNOWN',
    message,
    isRetriable: extensions?.retriable ?? false,
    details: extensions?.details ?? {},
  };
}

export const unreachable = (message: string): Failure => ({ code: 'NETWORK', message, isRetriable: true, details: {} });

/** What to show for anything that was thrown. */
export function failureFrom(error: unknown): Failure {
  if (error instanceof QuestionFailed) return error.failure;
  return unreachable(error instanceof Error ? error.message : String(error));
}
