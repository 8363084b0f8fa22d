import { CanopyError } from '../../src/common/errors.js';
import type { NodeRevision } from '../../src/graph/element.js';
import type { CaptureSpec, CaptureType } from '../../src/protocol/capture.js';
import { captureTypesOn } from '../../src/protocol/captureTypes.js';
import type { SourceHost } from './source.js';
import { sourceOf } from './sources.js';

/** What a capture comes to on a node. Throws `BAD_INPUT` with what is possible there, `UNAVAILABLE` with why it is not on this host. */
export function chooseType(spec: CaptureSpec, { metadata }: NodeRevision, host: SourceHost): CaptureType {
  const possible = captureTypesOn(metadata.Type);
  const type = spec.type ?? possible[0];
  const nodeType = String(metadata.Type);
  if (type === undefined) throw new CanopyError('BAD_INPUT', `nothing can be captured on a node of the type ${nodeType}`);
  if (!possible.includes(type)) {
    const hint = possible.length === 0 ? 'nothing is' : `possible are ${possible.join(', ')}`;
    throw new CanopyError('BAD_INPUT', `a capture of the type ${type} is not possible on a node of the type ${nodeType}; ${hint}`);
  }
  const source = sourceOf(type);
  const impossible = source === undefined ? `this agent has no captures of the type ${type}` : source.impossible(host);
  // What is missing may come: a switch that is started.
  if (impossible !== undefined) throw new CanopyError('UNAVAILABLE', impossible, { retriable: true });
  const refused = source!.refuses?.(spec);
  if (refused !== undefined) throw new CanopyError('BAD_INPUT', refused);
  return type;
}
