import type { Random } from '../../simulator/random.js';

const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);

/** What somebody sends who looks for a mistake. */
const STRANGE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308],
  ...['', '\u0000', '\ud800', '�'.repeat(50), 'x'.repeat(10_000), '__proto__', 'constructor', '../../etc/passwd', '-1d', '1e99'],
  ...["G.V().Has('a'", "G.V().HasKey('x').Out().Limit(-1)", 'G.V().Repeat(', '(a+)+$', '{ nodes }', 'enp0s3\n'],
  ...[[], {}, [[]], deep(300), JSON.parse('{"__proto__": {"polluted": 1}}'), Array.from({ length: 2_000 }, (_, index) => index)],
];

/** A place in a value that can be written to. */
interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesOf(value: unknown, into: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return into;
  for (const [key, inner] of Object.entries(value)) {
    into.push({ holder: value as Record<string, unknown>, key });
    placesOf(inner, into);
  }
  return into;
}

/** A copy with some places changed: other values, values of other places, left out, said twice, texts put together anew. */
export function mutated(random: Random, value: unknown): unknown {
  const root = { value: structuredClone(value) };
  for (let changes = 1 + random.below(3); changes > 0; changes -= 1) change(random, root);
  return root.value;
}

function change(random: Random, root: { value: unknown }): void {
  const places = placesOf(root);
  const { holder, key } = random.pick(places);
  const here = holder[key];
  switch (random.below(5)) {
    case 0:
      holder[key] = structuredClone(random.pick(STRANGE));
      return;
    case 1:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else if (holder !== root) delete holder[key];
      return;
    case 2:
      if (Array.isArray(here)) here.push(...(here as unknown[]).slice(0, 50));
      else if (!Array.isArray(holder) && holder !== root) holder[`${key}2`] = here;
      return;
    case 3: {
      const other = random.pick(places);
      holder[key] = structuredClone(other.holder[other.key]);
      return;
    }
    default:
      holder[key] = typeof here === 'string' ? mutatedText(random, here) : structuredClone(random.pick(STRANGE));
  }
}

/** Words, numbers and signs in another order, left out or said again. */
export function mutatedText(random: Random, text: string): string {
  const tokens = text.match(/\w+|\s+|[^\w\s]/gu) ?? [''];
  for (let changes = 1 + random.below(3); changes > 0; changes -= 1) {
    const at = random.below(tokens.length);
    const [from, to] = [random.below(tokens.length), random.below(tokens.length)];
    if (random.chance(0.3)) tokens.splice(at, 1);
    else if (random.chance(0.5)) tokens.splice(at, 0, ...tokens.slice(Math.min(from, to), Math.max(from, to) + 1).slice(0, 40));
    else tokens[at] = random.chance(0.5) ? random.pick(tokens) : String(random.pick(STRANGE.filter((one) => typeof one === 'string')));
    if (tokens.length === 0) tokens.push('');
  }
  return tokens.join('');
}

/** Some bytes changed, cut off, said twice or added. */
export function damaged(random: Random, bytes: Uint8Array): Buffer {
  const changed = Buffer.from(bytes);
  for (let changes = random.below(5); changes > 0 && changed.length > 0; changes -= 1)
    changed[random.below(changed.length)] = random.pick([0, 0x7f, 0x80, 0xff, random.below(256)]);
  const [from, to] = [random.below(changed.length + 1), random.below(changed.length + 1)];
  switch (random.below(6)) {
    case 0:
      return changed.subarray(0, to);
    case 1:
      return Buffer.concat([changed.subarray(0, to), changed.subarray(from)]);
    case 2:
      return Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256)));
    default:
      return changed;
  }
}
