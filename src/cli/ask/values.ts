import type { Json, JsonObject } from '../../common/json.js';
import { usageError } from '../parse.js';

/** The option `--metadata` of commands that write. */
export const metadataOption = {
  type: 'list',
  placeholder: 'PATH=VALUE',
  doc: 'metadata at a dotted path, such as Site.Rack=r12; the value is JSON where it can be read so, else a text; may be repeated',
} as const;

/** `PATH=VALUE` as path and value. Throws `BAD_INPUT`. */
export function readAssignment(text: string, flag: string): readonly [path: string, value: Json] {
  const [, path, value] = /^([^=]+)=([\s\S]*)$/u.exec(text) ?? [];
  if (path === undefined) throw usageError(`--${flag} needs PATH=VALUE, not ${JSON.stringify(text)}`, 'Such as Site.Rack=r12.');
  try {
    return [path.trim(), JSON.parse(value!) as Json];
  } catch {
    return [path.trim(), value!];
  }
}

/** Assignments as one object, dotted paths nested. Throws `BAD_INPUT`, also where one path goes through the value of another. */
export function readMetadata(texts: readonly string[] = []): JsonObject {
  const metadata: Record<string, Json> = {};
  for (const text of texts) {
    const [path, value] = readAssignment(text, 'metadata');
    const names = path.split('.');
    let place = metadata;
    for (const name of names.slice(0, -1)) {
      const next = (place[name] ??= {});
      if (typeof next !== 'object' || next === null || Array.isArray(next))
        throw usageError(`--metadata ${text}: '${name}' has a value already`, 'Give either the value or what is below it.');
      place = next as Record<string, Json>;
    }
    place[names.at(-1)!] = value;
  }
  return metadata;
}
