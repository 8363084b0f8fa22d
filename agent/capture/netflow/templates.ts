import { LRUCache } from 'lru-cache';

/** One field of a template. */
export interface TemplateField {
  readonly element: number;
  /** 0 for those of the IANA. */
  readonly enterprise: number;
  /** Bytes, or `VARIABLE_LENGTH`. */
  readonly length: number;
}

export interface Template {
  readonly fields: readonly TemplateField[];
  /** Bytes of a record at least. */
  readonly leastBytes: number;
  /** Of options: records of the exporter, not of flows. */
  readonly isOptions: boolean;
}

/** Templates of all exporters; more than that are a forger's, and push out those that were used longest ago. */
const MOST_TEMPLATES = 4_096;
/** Fields of one template; the largest in use have about seventy. */
const MOST_FIELDS = 256;

/** Templates by exporter, observation domain and number. */
export class Templates {
  private readonly byKey = new LRUCache<string, Template>({ max: MOST_TEMPLATES });

  get size(): number {
    return this.byKey.size;
  }

  get(exporter: string, domain: number, id: number): Template | undefined {
    return this.byKey.get(`${exporter} ${domain} ${id}`);
  }

  /** Answers `false` for one that cannot be. */
  put(exporter: string, domain: number, id: number, fields: readonly TemplateField[], isOptions: boolean): boolean {
    if (fields.length === 0 || fields.length > MOST_FIELDS) return false;
    let leastBytes = 0;
    // A field without a fixed length has at least the byte that says it.
    for (const { length } of fields) leastBytes += length === 0xffff ? 1 : length;
    if (leastBytes === 0) return false;
    this.byKey.set(`${exporter} ${domain} ${id}`, { fields, leastBytes, isOptions });
    return true;
  }

  remove(exporter: string, domain: number, id: number): void {
    this.byKey.delete(`${exporter} ${domain} ${id}`);
  }
}
