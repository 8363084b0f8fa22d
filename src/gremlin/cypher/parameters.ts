import type { Json } from '../../common/json.js';

/** Values of a statement by their names. Every number among them is a whole one. */
export class Parameters {
  readonly #values = new Map<string, Json>();
  #marker: string | undefined;

  /** Puts the value aside and gives what stands for it in the statement. An equal value has the same name. */
  add(value: Json): string {
    const text = JSON.stringify(value);
    for (const [name, known] of this.#values) if (JSON.stringify(known) === text) return `$${name}`;
    const name = `p${this.#values.size}`;
    this.#values.set(name, value);
    return `$${name}`;
  }

  marker(marker: string): string {
    this.#marker = marker;
    return '$marker';
  }

  /** Those that the statement names. */
  usedIn(statement: string): Readonly<Record<string, Json>> {
    const named = new Set(statement.match(/\$\w+/g));
    const all: [string, Json][] = [...this.#values, ...(this.#marker === undefined ? [] : [['marker', this.#marker] as [string, Json]])];
    return Object.fromEntries(all.filter(([name]) => named.has(`$${name}`)));
  }
}
