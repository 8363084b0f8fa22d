import type { Clock } from '../common/clock.js';
import { CanopyError } from '../common/errors.js';
import type { JsonObject } from '../common/json.js';
import { badValue } from '../graph/filter/badValue.js';
import type { Asker } from './asker.js';
import type { KeptDocument, KeptDocuments } from './keptDocuments.js';

/** A view of the network that somebody gave a name. */
export interface View {
  readonly id: string;
  readonly name: string;
  /** What of the page's address makes it: `form=table&find=type%3Aveth&v=1`. */
  readonly address: string;
  /** Who saved it last. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

const MOST_NAME = 100;
/** Characters: some hundred open groups. */
const MOST_ADDRESS = 16_384;

const collator = new Intl.Collator('en', { numeric: true });

/** Views with names, kept for everybody in the registry. All throw `STORE_UNAVAILABLE` while that cannot be reached. */
export class Views {
  constructor(
    private readonly documents: KeptDocuments,
    private readonly clock: Clock,
  ) {}

  /** By name. */
  async list(asker: Asker): Promise<readonly View[]> {
    const kept = await this.documents.list(asker);
    return kept.map(viewFrom).sort((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
  }

  async get(asker: Asker, id: string): Promise<View | undefined> {
    const kept = await this.documents.get(asker, id);
    return kept && viewFrom(kept);
  }

  /** Throws `BAD_INPUT` for a name or an address that is empty or too long. */
  async create(asker: Asker, { name, address }: Pick<View, 'name' | 'address'>): Promise<View> {
    const now = this.clock.now();
    const value = { name: checkName(name), address: checkAddress(address), by: asker.viewer.name, createdAt: now, updatedAt: now };
    return viewFrom(await this.documents.create(asker, value, undefined));
  }

  /** Another name, another address, or both. Throws `NOT_FOUND`, and `CONFLICT` when somebody else was faster. */
  async change(asker: Asker, id: string, { name, address }: Partial<Pick<View, 'name' | 'address'>>): Promise<View> {
    const change: JsonObject = {
      ...(name !== undefined && { name: checkName(name) }),
      ...(address !== undefined && { address: checkAddress(address) }),
      by: asker.viewer.name,
      updatedAt: this.clock.now(),
    };
    const changed = await this.documents.change(asker, id, (value) => ({ ...value, ...change }));
    if (changed === undefined) throw missing(id);
    return viewFrom(changed);
  }

  /** Throws `NOT_FOUND`. */
  async remove(asker: Asker, id: string): Promise<void> {
    if (!(await this.documents.remove(asker, id))) throw missing(id);
  }
}

const viewFrom = ({ id, value }: KeptDocument): View => ({ id, ...(value as unknown as Omit<View, 'id'>) });

const missing = (id: string): CanopyError => new CanopyError('NOT_FOUND', `there is no view ${id}`, { details: { id } });

function checkName(name: string): string {
  const text = name.trim();
  if (text === '' || text.length > MOST_NAME) throw badValue('name', name.slice(0, MOST_NAME), `1 to ${MOST_NAME} characters`);
  return text;
}

function checkAddress(address: string): string {
  if (address.length > MOST_ADDRESS || /[?#\s]/.test(address))
    throw badValue('address', address.slice(0, MOST_NAME), `what stands behind the ? of the page, at most ${MOST_ADDRESS} characters`);
  return address;
}
