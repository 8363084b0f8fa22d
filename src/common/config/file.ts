import { readFile } from 'node:fs/promises';
import type * as Yaml from 'yaml';
import type { Document, LineCounter, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { CanopyError } from '../errors.js';
import { CONFIG_PATHS, type ConfigPath } from './keys.js';
import { adviseKey, isConfigPath, readValue, type Problem, type Setting, type Source } from './problem.js';

/** Reads the YAML file. What is wrong in it comes back with line and column; throws `CONFIG_INVALID` only when the file cannot be read. */
export async function readConfigFile(file: string): Promise<Source> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `cannot read the configuration file ${file}: ${(cause as Error).message}`, { cause });
  }
  return parseConfig(text, file);
}

/** The same for a text that is at hand; `file` is only named in problems. */
export async function parseConfig(text: string, file: string): Promise<Source> {
  // Loaded only where a file is given: it takes longer to load than everything else that `canopy status` needs.
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines });
  const reader = new FileReader(yaml, document, text, file, lines);
  for (const error of [...document.errors, ...document.warnings])
    reader.problem(error.pos[0], error.message.split('\n')[0]!.replace(/ at line \d+.*$/, ''));
  if (document.errors.length === 0) reader.root();
  return reader;
}

/** Walks the document along the tree of keys. */
class FileReader implements Source {
  readonly settings = new Map<ConfigPath, Setting>();
  readonly problems: Problem[] = [];

  constructor(
    private readonly yaml: typeof Yaml,
    private readonly document: Document,
    private readonly text: string,
    private readonly file: string,
    private readonly lines: LineCounter,
  ) {}

  root(): void {
    const contents = this.document.contents;
    if (contents === null || this.isEmpty(contents)) return;
    if (this.yaml.isMap(contents)) this.group(contents, '');
    else this.problem(contents.range?.[0] ?? 0, 'the file must hold keys and values, such as `listen: 127.0.0.1:8082`');
  }

  problem(offset: number, message: string, advice?: string): void {
    const { line, col } = this.lines.linePos(offset);
    const source = this.text.split('\n')[line - 1] ?? '';
    const margin = `  ${line} | `;
    const excerpt = `${margin}${source}\n${' '.repeat(margin.length + col - 1)}^`;
    this.problems.push({ place: `${this.file}:${line}:${col}`, message, excerpt, advice });
  }

  private group(map: YAMLMap, prefix: string): void {
    for (const pair of map.items as Pair<Scalar, Node | null>[]) {
      const path = `${prefix}${String(pair.key.value)}`;
      const offset = pair.key.range?.[0] ?? 0;
      if (isConfigPath(path)) this.leaf(path, pair.value, offset);
      else if (!CONFIG_PATHS.some((known) => known.startsWith(`${path}.`))) this.problem(offset, `unknown key '${path}'`, adviseKey(path));
      else if (this.yaml.isMap(pair.value)) this.group(pair.value, `${path}.`);
      else if (!this.isEmpty(pair.value))
        this.problem(offset, `'${path}' holds further keys, not a value`, `Write its keys below it, indented: ${keysBelow(path)}.`);
    }
  }

  private leaf(path: ConfigPath, node: Node | null, keyOffset: number): void {
    // A key with nothing behind it keeps its default, so that a value can be commented out on its line.
    if (this.isEmpty(node)) return;
    const read = readValue(path, node!.toJS(this.document));
    if ('message' in read) return this.problem(node!.range?.[0] ?? keyOffset, read.message);
    this.settings.set(path, { value: read.value, source: `${this.file}:${this.lines.linePos(keyOffset).line}` });
  }

  private isEmpty(node: Node | null): boolean {
    return node === null || (this.yaml.isScalar(node) && node.value === null);
  }
}

const keysBelow = (group: string): string =>
  CONFIG_PATHS.filter((path) => path.startsWith(`${group}.`))
    .map((path) => path.slice(group.length + 1))
    .join(', ');
