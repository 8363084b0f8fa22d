import type { Json } from '../common/json.js';
import type { Flow } from '../flow/flow.js';
import { compileAddress, type AddressFilter } from '../graph/filter/addressFilter.js';
import { compileInt, type IntFilter } from '../graph/filter/intFilter.js';
import { compileString, type StringFilter } from '../graph/filter/stringFilter.js';

/** Texts of a flow by which it is found; a flow without has none. */
export type TextField = 'application' | 'protocol' | 'linkA' | 'linkB' | 'networkA' | 'networkB' | 'nodeTid' | 'capture' | 'layers';
/** Numbers of a flow by which it is found. `bytes`: both directions, since its start; `start` and `last`: of its packets, milliseconds. */
export type NumberField = 'portA' | 'portB' | 'bytes' | 'start' | 'last';
export type IdField = 'uuid' | 'trackingId' | 'l3TrackingId' | 'parent';

/** What is asked of flows, in a form that any home can carry out. Of several fields one that matches is enough. */
export type FlowCondition =
  | { readonly kind: 'all' | 'any'; readonly of: readonly FlowCondition[] }
  | { readonly kind: 'not'; readonly of: FlowCondition }
  | { readonly kind: 'text'; readonly field: TextField; readonly filter: StringFilter }
  | { readonly kind: 'address'; readonly fields: readonly ('networkA' | 'networkB')[]; readonly filter: AddressFilter }
  | { readonly kind: 'number'; readonly fields: readonly NumberField[]; readonly filter: IntFilter }
  | { readonly kind: 'id'; readonly field: IdField; readonly in: readonly string[] }
  | { readonly kind: 'finished'; readonly isFinished: boolean };

/** Every flow. */
export const EVERY_FLOW: FlowCondition = { kind: 'all', of: [] };

/** The highest protocol that a flow has a name for: `TCP`, `ICMPV4`, `IPV6`, `ETHERNET`. */
export function protocolOf({ Transport, ICMP, Network, Link }: Flow): string | undefined {
  if (Transport !== undefined) return Transport.Protocol;
  if (ICMP !== undefined) return Network?.Protocol === 'IPV6' ? 'ICMPV6' : 'ICMPV4';
  return Network?.Protocol ?? Link?.Protocol;
}

const TEXTS: Readonly<Record<TextField, (flow: Flow) => string | undefined>> = {
  application: ({ Application }) => Application,
  protocol: protocolOf,
  linkA: ({ Link }) => Link?.A,
  linkB: ({ Link }) => Link?.B,
  networkA: ({ Network }) => Network?.A,
  networkB: ({ Network }) => Network?.B,
  nodeTid: ({ NodeTID }) => NodeTID,
  capture: ({ CaptureID }) => CaptureID,
  layers: ({ LayersPath }) => LayersPath,
};

const NUMBERS: Readonly<Record<NumberField, (flow: Flow) => number | undefined>> = {
  portA: ({ Transport }) => Transport?.A,
  portB: ({ Transport }) => Transport?.B,
  bytes: ({ Metric }) => (Metric?.ABBytes ?? 0) + (Metric?.BABytes ?? 0),
  start: ({ Start }) => Start,
  last: ({ Last }) => Last,
};

const IDS: Readonly<Record<IdField, (flow: Flow) => string | undefined>> = {
  uuid: ({ UUID }) => UUID,
  trackingId: ({ TrackingID }) => TrackingID,
  l3TrackingId: ({ L3TrackingID }) => L3TrackingID,
  parent: ({ ParentUUID }) => ParentUUID,
};

/** The condition over one flow. Throws `BAD_INPUT` naming the field for what is wrong with a filter. */
export function flowPredicate(condition: FlowCondition): (flow: Flow) => boolean {
  switch (condition.kind) {
    case 'all': {
      const tests = condition.of.map(flowPredicate);
      return (flow) => tests.every((test) => test(flow));
    }
    case 'any': {
      const tests = condition.of.map(flowPredicate);
      return (flow) => tests.some((test) => test(flow));
    }
    case 'not': {
      const test = flowPredicate(condition.of);
      return (flow) => !test(flow);
    }
    case 'text': {
      const test = compileString(condition.filter, `filter.${condition.field}`);
      const read = TEXTS[condition.field];
      return (flow) => test(present([read(flow)]));
    }
    case 'address': {
      const test = compileAddress(condition.filter, 'filter.address');
      const reads = condition.fields.map((field) => TEXTS[field]);
      return (flow) => test(present(reads.map((read) => read(flow))));
    }
    case 'number': {
      const test = compileInt(condition.filter);
      const reads = condition.fields.map((field) => NUMBERS[field]);
      return (flow) => test(present(reads.map((read) => read(flow))));
    }
    case 'id': {
      const ids = new Set(condition.in);
      const read = IDS[condition.field];
      return (flow) => ids.has(read(flow) ?? '');
    }
    case 'finished':
      return ({ FinishType }) => (FinishType !== undefined) === condition.isFinished;
  }
}

const present = (values: readonly (Json | undefined)[]): Json[] => values.filter((value) => value !== undefined);
