import type { Json, JsonObject } from '../../common/json.js';
import { setPath } from '../../graph/metadataPath.js';
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
  let metadata: JsonObject = {};
  for (const text of texts) {
    const [path, value] = readAssignment(text, 'metadata');
    const changed = setPath(metadata, path.split('.'), value);
    if (changed === undefined)
      throw usageError(`--metadata ${text}: a part of the path has a value already`, 'Give either the value or what is below it.');
    metadata = changed;
  }
  return metadata;
}
