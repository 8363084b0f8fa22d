/** A condition on metadata as it is typed. */
export const metadataCondition = (path: string, value: unknown): string => `${path}:${quoted(String(value))}`;

const quoted = (text: string): string => (/[\s,]/.test(text) ? `"${text.replaceAll('"', '')}"` : text);

/** The text with one more condition; a Gremlin string gives way. */
export function withCondition(text: string, condition: string): string {
  const before = /^\s*g\./i.test(text) ? '' : text.trim();
  return before.split(/\s+/).includes(condition) ? before : `${before} ${condition}`.trim();
}
