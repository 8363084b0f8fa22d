import { compileLive, whyNoFilters } from '../linux/classicBpf.js';
import type { SourceContext } from './source.js';

/** What a capture lets through, as classic instructions. */
export interface LiveFilter {
  /** Answers how many bytes of a packet are looked at, 0 for none. */
  readonly program: Buffer;
  /** The traffic with the analyzer is not left out, for want of libpcap. */
  readonly hasOwnTraffic: boolean;
}

/** The filter in effect on the capture's interface, in whose namespace the thread has to be. Throws as `compileLive`. */
export function liveFilter({ spec, filter, place }: SourceContext): LiveFilter {
  // Without libpcap all is captured rather than nothing; a filter that somebody asked for is not left out.
  const hasOwnTraffic = spec.bpf === '' && filter !== '' && whyNoFilters() !== undefined;
  return { program: compileLive(hasOwnTraffic ? '' : filter, place.interfaceName, spec.headerSize), hasOwnTraffic };
}
