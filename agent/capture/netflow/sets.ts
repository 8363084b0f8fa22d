import { readRecord, type RecordTimes } from './readRecord.js';
import type { FlowRecord } from './record.js';
import type { TemplateField, Templates } from './templates.js';

/**
 * NetFlow version 9 (RFC 3954) and IPFIX (RFC 7011): sets of templates and of records that only templates give a form. Both have the same shape; they differ
 * in the header, in the numbers of template sets, and in that IPFIX has enterprise elements and fields of variable length.
 */

export interface SetContext {
  readonly templates: Templates;
  /** Who sent it. */
  readonly exporter: string;
  take(record: FlowRecord): void;
  /** Records of a template that was not heard of yet: bytes of them. */
  unknown(bytes: number): void;
}

interface Form {
  readonly headerBytes: number;
  readonly templateSet: number;
  readonly optionsSet: number;
  readonly hasEnterprise: boolean;
}

const VERSION_9: Form = { headerBytes: 20, templateSet: 0, optionsSet: 1, hasEnterprise: false };
const IPFIX: Form = { headerBytes: 16, templateSet: 2, optionsSet: 3, hasEnterprise: true };
const SET_HEADER = 4;
/** Sets below carry no records. */
const FIRST_DATA_SET = 256;
const ENTERPRISE_BIT = 0x8000;

/** Reads a datagram of version 9. Answers `false` when it is damaged; what came before the damage was handed over. */
export function readVersion9(datagram: Buffer, context: SetContext): boolean {
  if (datagram.length < VERSION_9.headerBytes) return false;
  const exportedAt = datagram.readUInt32BE(8) * 1_000;
  const times = { bootedAt: exportedAt - datagram.readUInt32BE(4), exportedAt };
  return readSets(datagram, datagram.length, datagram.readUInt32BE(16), VERSION_9, times, context);
}

/** Reads a message of IPFIX. Answers as `readVersion9`. */
export function readIpfix(datagram: Buffer, context: SetContext): boolean {
  if (datagram.length < IPFIX.headerBytes) return false;
  const length = datagram.readUInt16BE(2);
  const exportedAt = datagram.readUInt32BE(4) * 1_000;
  const times = { bootedAt: undefined, exportedAt };
  const isWhole = length <= datagram.length && length >= IPFIX.headerBytes;
  return readSets(datagram, Math.min(length, datagram.length), datagram.readUInt32BE(12), IPFIX, times, context) && isWhole;
}

function readSets(datagram: Buffer, end: number, domain: number, form: Form, times: RecordTimes, context: SetContext): boolean {
  let isGood = true;
  let at = form.headerBytes;
  while (at + SET_HEADER <= end) {
    const id = datagram.readUInt16BE(at);
    const length = datagram.readUInt16BE(at + 2);
    if (length < SET_HEADER || at + length > end) return false;
    const set = datagram.subarray(at + SET_HEADER, at + length);
    if (id === form.templateSet) isGood = readTemplates(set, domain, form, context) && isGood;
    else if (id === form.optionsSet) isGood = readOptionsTemplates(set, domain, form, context) && isGood;
    else if (id >= FIRST_DATA_SET) isGood = readRecords(set, domain, id, times, context) && isGood;
    at += length;
  }
  return isGood;
}

function readTemplates(set: Buffer, domain: number, form: Form, { templates, exporter }: SetContext): boolean {
  let at = 0;
  // What is left may be padding.
  while (at + 4 <= set.length) {
    const id = set.readUInt16BE(at);
    const count = set.readUInt16BE(at + 2);
    at += 4;
    if (id < FIRST_DATA_SET) return id === 0;
    if (count === 0) {
      // IPFIX takes a template back so.
      templates.remove(exporter, domain, id);
      continue;
    }
    const read = readFields(set, at, count, form);
    if (read === undefined || !templates.put(exporter, domain, id, read.fields, false)) return false;
    at = read.end;
  }
  return true;
}

/** Of options only the length matters: their records are skipped. */
function readOptionsTemplates(set: Buffer, domain: number, form: Form, { templates, exporter }: SetContext): boolean {
  let at = 0;
  while (at + 6 <= set.length) {
    const id = set.readUInt16BE(at);
    if (id < FIRST_DATA_SET) return id === 0;
    // Version 9 says bytes of scope and of option fields, IPFIX how many fields there are, and how many of them are of the scope.
    const first = set.readUInt16BE(at + 2);
    const count = form.hasEnterprise ? first : Math.floor((first + set.readUInt16BE(at + 4)) / 4);
    at += 6;
    if (count === 0) {
      templates.remove(exporter, domain, id);
      continue;
    }
    const read = readFields(set, at, count, form);
    if (read === undefined || !templates.put(exporter, domain, id, read.fields, true)) return false;
    at = read.end;
  }
  return true;
}

function readFields(set: Buffer, from: number, count: number, form: Form): { fields: TemplateField[]; end: number } | undefined {
  const fields: TemplateField[] = [];
  let at = from;
  for (let index = 0; index < count; index++) {
    if (at + 4 > set.length) return undefined;
    const number = set.readUInt16BE(at);
    const length = set.readUInt16BE(at + 2);
    at += 4;
    const isEnterprise = form.hasEnterprise && (number & ENTERPRISE_BIT) !== 0;
    if (isEnterprise && at + 4 > set.length) return undefined;
    fields.push({ element: isEnterprise ? number & ~ENTERPRISE_BIT : number, enterprise: isEnterprise ? set.readUInt32BE(at) : 0, length });
    if (isEnterprise) at += 4;
  }
  return { fields, end: at };
}

function readRecords(set: Buffer, domain: number, id: number, times: RecordTimes, context: SetContext): boolean {
  const template = context.templates.get(context.exporter, domain, id);
  if (template === undefined) {
    context.unknown(set.length);
    return true;
  }
  if (template.isOptions) return true;
  let at = 0;
  // What is shorter than a record is padding.
  while (set.length - at >= template.leastBytes) {
    const end = readRecord(set, at, template, times, context.take);
    if (end === undefined) return false;
    at = end;
  }
  return true;
}
