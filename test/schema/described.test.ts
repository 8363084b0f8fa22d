import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, isSpecifiedScalarType, isIntrospectionType } from 'graphql';
import { expect, it } from 'vitest';
import { buildCanopySchema } from '../../resolvers/build.js';

const schema = buildCanopySchema();
const own = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));

it('describes every type and field', () => {
  const bare: string[] = [];
  for (const type of own) {
    const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type as never);
    if (!type.description && !isRoot) bare.push(type.name);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) if (!field.description) bare.push(`${type.name}.${field.name}`);
  }
  expect(bare).toEqual([]);
});

it('gives one field name one type across kinds', () => {
  const types = new Map<string, Set<string>>();
  for (const kind of schema.getPossibleTypes(schema.getType('Node') as never)) {
    for (const field of Object.values(kind.getFields()))
      types.set(field.name, (types.get(field.name) ?? new Set()).add(String(field.type)));
  }
  expect([...types].filter(([, found]) => found.size > 1)).toEqual([]);
});

it('makes nullable what comes from another store or an agent', () => {
  const nullable = ['Host.agent', 'Node.history', 'NetworkInterface.rates', 'NetworkInterface.counters'];
  for (const path of nullable) {
    const [typeName, fieldName] = path.split('.') as [string, string];
    const type = schema.getType(typeName);
    const field = (isObjectType(type) || isInterfaceType(type)) && type.getFields()[fieldName];
    expect(String(field && field.type), path).not.toMatch(/!$/);
  }
});

it('names enumeration values the same inside and outside', () => {
  for (const type of own) if (isEnumType(type)) for (const { name, value } of type.getValues()) expect(value).toBe(name);
});
