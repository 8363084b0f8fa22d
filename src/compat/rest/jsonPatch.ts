import jsonpatch from 'fast-json-patch';
import { CanopyError } from '../../common/errors.js';
import type { JsonObject } from '../../common/json.js';

/** One operation of RFC 6902; what is wrong with it is found when it is applied. */
export type PatchOperation = jsonpatch.Operation;

/** The value as the operations leave it; the value itself stays as it is. Throws `BAD_INPUT` for what cannot be applied, also a `replace` of what is missing. */
export function applyPatch(value: JsonObject, operations: readonly PatchOperation[]): JsonObject {
  try {
    const copy = jsonpatch.deepClone(value) as JsonObject;
    return jsonpatch.applyPatch(copy, jsonpatch.deepClone(operations) as PatchOperation[], true, true, true).newDocument;
  } catch (error) {
    const { message } = error as Error;
    throw new CanopyError('BAD_INPUT', `applying JSON patch to resource: ${message.split('\n')[0]}`);
  }
}
