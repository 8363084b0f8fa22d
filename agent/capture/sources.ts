import type { CaptureType } from '../../src/protocol/capture.js';
import { afpacket } from './afpacket/source.js';
import type { SourceDefinition } from './source.js';

/** Every kind of capture that this agent knows, the default of interfaces first. */
export const SOURCES: readonly SourceDefinition[] = [afpacket];

const BY_TYPE = new Map<CaptureType, SourceDefinition>(SOURCES.map((source) => [source.type, source]));

export const sourceOf = (type: CaptureType): SourceDefinition | undefined => BY_TYPE.get(type);
