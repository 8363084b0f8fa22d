import { setUp } from '../../linux/interface.js';
import { openAfpacket } from '../afpacket/open.js';
import { openNetflow } from '../netflow/open.js';
import { openSflow } from '../sflow/open.js';
import type { OpenSource, SourceContext } from '../source.js';

/** Collects what a bridge samples, or, with a target, leaves it to that. */
export const openOvssflow = (context: SourceContext): OpenSource => (context.spec.target === '' ? openSflow(context) : elsewhere(context));

/** Collects what a bridge counts, or, with a target, leaves it to that. */
export const openOvsnetflow = (context: SourceContext): OpenSource =>
  context.spec.target === '' ? openNetflow(context) : elsewhere(context);

/** Captures on the interface of the mirror, which the place names; new interfaces are down. */
export function openOvsmirror(context: SourceContext): OpenSource {
  context.inPlace(() => setUp(context.place.interfaceName));
  return openAfpacket(context);
}

/** The bridge sends to another collector: nothing is heard of it here. */
const elsewhere = ({ spec: { target } }: SourceContext): OpenSource => ({
  counts: () => ({ received: 0, dropped: 0, ifDropped: 0, drops: {} }),
  facts: () => ({ facts: { target } }),
  close: () => undefined,
});
