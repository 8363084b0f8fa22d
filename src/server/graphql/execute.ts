import {
  type DocumentNode,
  execute as executePlainly,
  type ExecutionResult,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type VariableDefinitionNode,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { PLAIN_EXECUTIONS } from './limits.js';

/** One execution of one operation. */
export interface Execution {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: unknown;
  /** For subscriptions: the event. */
  readonly root?: unknown;
}

/** Executes validated operations; what is there at once is answered at once, without a promise. */
export type Executor = (execution: Execution) => ExecutionResult | PromiseLike<ExecutionResult>;

/** What is known of an operation of a document. */
interface Known {
  executions: number;
  compiled: CompiledOperation | undefined;
}

interface CompiledOperation {
  readonly definitions: readonly VariableDefinitionNode[];
  readonly query: CompiledQuery;
}

/** A scalar of our schema that takes every value as it is. */
const PASSED_ON = 'JSON';

/**
 * Compiles an operation to code (`graphql-jit`) once it is asked for repeatedly; until then, and where it cannot be compiled, graphql-js
 * executes it. What was compiled goes with its document.
 */
export function createExecutor(schema: GraphQLSchema, plainExecutions = PLAIN_EXECUTIONS): Executor {
  const documents = new WeakMap<DocumentNode, Map<string, Known>>();

  const knownOf = (document: DocumentNode, operationName = ''): Known => {
    let operations = documents.get(document);
    if (operations === undefined) documents.set(document, (operations = new Map()));
    let known = operations.get(operationName);
    if (known === undefined) operations.set(operationName, (known = { executions: 0, compiled: undefined }));
    return known;
  };

  return ({ document, operationName, variables, context, root }) => {
    const known = knownOf(document, operationName);
    if (known.executions++ === plainExecutions) known.compiled = compile(schema, document, operationName);
    const { compiled } = known;
    if (compiled === undefined) {
      return executePlainly({ schema, document, operationName, variableValues: variables, contextValue: context, rootValue: root });
    }
    const read = getVariableValues(schema, compiled.definitions, variables);
    if (read.errors) return { errors: read.errors };
    const result = compiled.query.query(root, context, read.coerced) as ExecutionResult | Promise<ExecutionResult>;
    return 'then' in result ? result.then(withPlainErrors) : withPlainErrors(result);
  };
}

function compile(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): CompiledOperation | undefined {
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  try {
    const query = compileQuery(schema, withVariablesPassedOn(document), operationName, { disablingCapturingStackErrors: true });
    return isCompiledQuery(query) ? { definitions, query } : undefined;
  } catch {
    return undefined; // something that the compiler does not know: graphql-js does
  }
}

/**
 * The document with variables of a type that takes everything: graphql-js reads them, before. The compiler would unroll their types, and never
 * end with one that holds itself, such as `NodeFilter`.
 */
const withVariablesPassedOn = (document: DocumentNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((definition) =>
    definition.kind !== Kind.OPERATION_DEFINITION
      ? definition
      : {
          ...definition,
          variableDefinitions: definition.variableDefinitions?.map(({ kind, variable }) => ({
            kind,
            variable,
            type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: PASSED_ON } },
          })),
        },
  ),
});

/** Compiled code makes errors of its own kind, without `extensions`; later steps expect those of graphql-js. */
function withPlainErrors(result: ExecutionResult): ExecutionResult {
  if (result.errors === undefined || result.errors.length === 0) return result;
  return { ...result, errors: result.errors.map(plainError) };
}

function plainError(error: GraphQLError): GraphQLError {
  const { message, path, originalError, locations } = error;
  const plain = new GraphQLError(message, { path, originalError });
  if (locations) Object.defineProperty(plain, 'locations', { value: locations, enumerable: true });
  return plain;
}
