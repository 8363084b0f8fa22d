import { describe, expect, it } from 'vitest';
import { effectiveCapabilities, missingCapabilities } from '../../../agent/linux/capabilities.js';

describe('capabilities', () => {
  it('are read from the status of the thread', () => {
    expect([...effectiveCapabilities('Name:\tx\nCapEff:\t0000000000203000\n')].sort()).toEqual(['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN']);
    expect(effectiveCapabilities('CapEff:\t000001ffffffffff\n').size).toBe(5);
    expect(effectiveCapabilities('').size).toBe(0);
  });

  it('that nobody has are listed once each, with who lacks what', () => {
    const needs = [
      { probe: 'netlink', needs: [{ capability: 'SYS_ADMIN', allows: 'other namespaces' }] },
      {
        probe: 'netns',
        needs: [
          { capability: 'SYS_ADMIN', allows: 'other namespaces' },
          { capability: 'NET_RAW', allows: 'captures' },
        ],
      },
    ] as const;
    expect(missingCapabilities(needs, new Set(['NET_RAW']))).toEqual([
      { capability: 'SYS_ADMIN', probes: ['netlink', 'netns'], withoutIt: ['other namespaces'] },
    ]);
  });
});
