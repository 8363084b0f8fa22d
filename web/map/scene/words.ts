/** What people call many of a type; what is not listed is counted by its own word. */
const PLURALS: Readonly<Record<string, string>> = {
  container: 'containers',
  netns: 'namespaces',
  host: 'hosts',
  pod: 'pods',
  switch: 'switches',
};
const SINGULARS: Readonly<Record<string, string>> = { netns: 'namespace' };
/** Types that are places or machines; what is left over are links of the network. */
const NOT_LINKS: ReadonlySet<string> = new Set(Object.keys(PLURALS));

/** `3 namespaces · 2 bridges · 41 links`, shortest when there is least. */
export function countsText(counts: readonly { readonly type: string; readonly count: number }[]): string {
  const parts: string[] = [];
  let links = 0;
  for (const { type, count } of counts) {
    if (type === 'host') continue;
    if (NOT_LINKS.has(type)) parts.push(`${count} ${count === 1 ? (SINGULARS[type] ?? type) : PLURALS[type]}`);
    else links += count;
  }
  if (links > 0 || parts.length === 0) parts.push(`${links} ${links === 1 ? 'link' : 'links'}`);
  return parts.join(' · ');
}
