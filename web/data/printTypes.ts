import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, introspectionFromSchema, type IntrospectionQuery } from 'graphql';

const SCHEMA = fileURLToPath(new URL('../../schema/schema.graphql', import.meta.url));
const TYPES = fileURLToPath(new URL('schemaTypes.d.ts', import.meta.url));

/** Writes the committed schema as types, from which every document of the page gets the types of its answer and its variables. */
const introspection = introspectionFromSchema(buildSchema(readFileSync(SCHEMA, 'utf8')), { descriptions: false }) as IntrospectionQuery;
const text = outputIntrospectionFile(minifyIntrospection(introspection as Parameters<typeof minifyIntrospection>[0]), {
  fileType: '.d.ts',
  shouldPreprocess: true,
});
mkdirSync(dirname(TYPES), { recursive: true });
// What is as it was stays untouched: another program may be reading it.
if (!existsSync(TYPES) || readFileSync(TYPES, 'utf8') !== text) writeFileSync(TYPES, text);
