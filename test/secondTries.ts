import { relative } from 'node:path';
import type { Reporter, TestCase } from 'vitest/node';

/**
 * Names every test that passed only when it was tried again, with what it said first: a second try lets one unlucky moment of a shared machine
 * pass, and must hide nothing.
 */
export default class SecondTries implements Reporter {
  private readonly unsteady: TestCase[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky) this.unsteady.push(test);
  }

  onTestRunEnd(): void {
    process.stdout.write(`${this.unsteady.length} passed only at a second try\n`);
    for (const test of this.unsteady) {
      const file = relative(process.cwd(), test.module.moduleId);
      process.stdout.write(`  ${file} > ${test.fullName}: ${test.result().errors?.[0]?.message ?? 'no message'}\n`);
    }
  }
}
