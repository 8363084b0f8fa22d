/**
 * How long a test waits for something to become so, and how often it looks: for `vi.waitFor`, `expect.poll` and our own waits. Only a failing
 * test waits that long; a machine that runs other tests beside it may need seconds for what takes milliseconds alone.
 */
export const PATIENCE = { timeout: 60_000, interval: 50 };
