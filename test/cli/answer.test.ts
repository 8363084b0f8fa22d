import { describe, expect, it } from 'vitest';
import { faultsToError } from '../../src/client/answer.js';
import { exitCodeOf, EXIT_CODES } from '../../src/cli/exitCodes.js';
import { CanopyError } from '../../src/common/errors.js';

describe('errors of an answer', () => {
  it('show the place in the document with a caret', () => {
    const document = '{\n\tnodes {\n\t\tnodez { name }\n\t}\n}';
    const error = faultsToError(
      [{ message: "Cannot query field 'nodez'", locations: [{ line: 3, column: 3 }], extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
      document,
    );
    expect(error.code).toBe('BAD_INPUT');
    expect(error.message).toBe("Cannot query field 'nodez'\n  \t\tnodez { name }\n  \t\t^");
  });

  it('keep their own code and name their path', () => {
    const error = faultsToError([{ message: 'too much', path: ['nodes', 'nodes', 3], extensions: { code: 'LIMIT_EXCEEDED' } }]);
    expect([error.code, error.message]).toEqual(['LIMIT_EXCEEDED', 'too much (at nodes.nodes.3)']);
  });
});

describe('exit codes', () => {
  it('are each there once', () => {
    expect(new Set(EXIT_CODES.map(({ code }) => code)).size).toBe(EXIT_CODES.length);
    const errors = EXIT_CODES.flatMap((exitCode) => exitCode.errors);
    expect(new Set(errors).size).toBe(errors.length);
  });

  it.each([
    ['BAD_INPUT', 2],
    ['UNAVAILABLE', 3],
    ['FORBIDDEN', 4],
    ['NOT_FOUND', 6],
    ['QUOTA_EXCEEDED', 7],
    ['DATA_LOCKED', 8],
    ['RESYNC_REQUIRED', 9],
    ['INTERNAL', 1],
  ] as const)('%s ends in %d', (code, expected) => expect(exitCodeOf(new CanopyError(code, ''))).toBe(expected));

  it('of an unknown error is 1', () => expect(exitCodeOf(new Error('x'))).toBe(1));
});
