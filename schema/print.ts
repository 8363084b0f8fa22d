import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lexicographicSortSchema, printSchema } from 'graphql';
// The schema is whole only with its root fields, which the resolvers declare; this file is a command and no part of the room.
// eslint-disable-next-line boundaries/dependencies
import { buildCanopySchema } from '../resolvers/build.js';

const FILE = fileURLToPath(new URL('schema.graphql', import.meta.url));

/** The public schema as text, in an order that does not depend on how files are loaded. */
export const printedSchema = (): string =>
  `# Printed from the code by \`npm run schema\`. Do not edit.\n\n${printSchema(lexicographicSortSchema(buildCanopySchema()))}\n`;

/** The committed text. */
export const committedSchema = (): string => readFileSync(FILE, 'utf8');

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, printedSchema());
