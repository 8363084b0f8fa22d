/**
 * Who talked most in the last minutes: a question whose answer has a type. Start a capture first, on the page or with `canopy capture create`.
 *
 *   npx tsx examples/talkers.ts [URL] [SINCE]
 */
import { connect, type TypedDocument } from 'canopy/client';
import { parse, type DocumentNode } from 'graphql';

const [url, since = '-5m'] = process.argv.slice(2);

interface Talkers {
  readonly flowSummary: readonly { readonly keys: readonly { readonly value: string | null }[]; readonly bytes: number }[] | null;
}

/** Generators such as gql.tada write the types themselves, from `canopy/schema.graphql`. */
const TALKERS = parse(`query ($from: DateTime!) {
  flowSummary(between: { from: $from }, groupBy: [A_ADDRESS, B_ADDRESS], limit: 10) { keys { value } bytes }
}`) as DocumentNode & TypedDocument<Talkers, { from: string }>;

const { flowSummary } = await connect({ url, token: process.env.TOKEN }).ask(TALKERS, { from: since });
for (const { keys, bytes } of flowSummary ?? [])
  console.log(`${String(bytes).padStart(12)}  ${keys.map(({ value }) => value ?? '–').join(' ⇄ ')}`);
