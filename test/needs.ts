import { execFileSync } from 'node:child_process';
import { describe } from 'vitest';

/** What a test may need that not every machine has. */
export interface Need {
  /** Said when it is missing: `root`, `ip (iproute2)`. */
  readonly name: string;
  readonly isMet: () => boolean;
}

export const root: Need = { name: 'root', isMet: () => process.getuid?.() === 0 };

/** A program on the path. */
export const program = (name: string): Need => ({
  name: `the program ${name}`,
  isMet: () => {
    try {
      execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  },
});

/** `describe` for tests with needs: says what is missing and skips; with `CANOPY_CI=1` the missing need is a failure, so that no gap hides. */
export function describeWith(needs: readonly Need[], title: string, body: () => void): void {
  const missing = needs.filter((need) => !need.isMet()).map((need) => need.name);
  if (missing.length === 0) return void describe(title, body);
  const reason = `${title} (needs ${missing.join(', ')})`;
  if (process.env.CANOPY_CI === '1') throw new Error(`in CI nothing may be skipped: ${reason}`);
  process.stderr.write(`skipped: ${reason}\n`);
  describe.skip(reason, body);
}
