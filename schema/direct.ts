import { isObjectType, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import type { ResolverClasses } from './build.js';

type Parameter = { readonly kind: string; readonly index: number; readonly name?: string };
type Method = (...parameters: unknown[]) => unknown;
type Resolve = GraphQLFieldResolver<unknown, unknown, Record<string, unknown>>;

interface Handler {
  readonly target: unknown;
  readonly methodName: string;
  readonly schemaName: string;
  readonly params?: readonly Parameter[];
}

/**
 * Lets fields call their resolver methods without what type-graphql puts between: it makes an object of each field's arguments in a promise,
 * also where nobody validates them, which made every list a promise and cost more than all the rest of an answer about the live graph.
 * The decorators stay the one place where a field is described; only the way from field to method is shorter.
 */
export function callDirectly(schema: GraphQLSchema, resolvers: ResolverClasses): void {
  const storage = getMetadataStorage();
  const instances = new Map<unknown, object>(resolvers.map((resolver) => [resolver, new resolver()]));
  const resolveOf = (handler: Handler): Resolve | undefined => {
    const instance = instances.get(handler.target);
    return instance && direct(instance, handler);
  };
  const roots = [
    [schema.getQueryType(), storage.queries],
    [schema.getMutationType(), storage.mutations],
    [schema.getSubscriptionType(), storage.subscriptions],
  ] as const;
  for (const [type, handlers] of roots) {
    for (const handler of handlers) {
      const field = type?.getFields()[handler.schemaName];
      if (field) field.resolve = resolveOf(handler) ?? field.resolve;
    }
  }
  const nodeFields = new Map<string, Resolve>();
  for (const handler of storage.fieldResolvers) {
    const resolve = resolveOf(handler);
    const owner = handler.getObjectType?.();
    if (resolve && owner) nodeFields.set(`${nameOf(owner)}.${handler.schemaName}`, resolve);
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const owners = [type.name, ...type.getInterfaces().map(({ name }) => name)];
    for (const [name, field] of Object.entries(type.getFields())) {
      const resolve = owners.map((owner) => nodeFields.get(`${owner}.${name}`)).find(Boolean);
      if (resolve) field.resolve = resolve;
    }
  }
}

function nameOf(owner: unknown): string {
  const storage = getMetadataStorage();
  const type = [...storage.objectTypes, ...storage.interfaceTypes].find(({ target }) => target === owner);
  return type?.name ?? '';
}

/** The call with the method's parameters in place. The common shapes are written out, because they run for every field of every element. */
function direct(instance: object, { methodName, params = [] }: Handler): Resolve {
  const method = ((instance as Record<string, Method>)[methodName] as Method).bind(instance);
  const parameters = params.toSorted((a, b) => a.index - b.index);
  switch (parameters.map(({ kind }) => kind).join()) {
    case '':
      return () => method();
    case 'root':
      return (root) => method(root);
    case 'root,context':
      return (root, _args, context) => method(root, context);
    case 'root,args':
      return (root, args) => method(root, args);
    case 'root,args,context':
      return (root, args, context) => method(root, args, context);
    default:
      return (root, args, context, info) => method(...parameters.map((parameter) => valueOf(parameter, root, args, context, info)));
  }
}

function valueOf({ kind, name }: Parameter, root: unknown, args: Record<string, unknown>, context: unknown, info: unknown): unknown {
  switch (kind) {
    case 'root':
      return root;
    case 'args':
      return args;
    case 'arg':
      return args[name!];
    case 'context':
      return context;
    case 'info':
      return info;
    default:
      throw new Error(`a resolver has a parameter of a kind that is not known here: ${kind}`);
  }
}
