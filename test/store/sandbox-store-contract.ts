/* eslint-disable jest/no-export -- a suite for the tests of each adapter to run */
import { describeAllocate } from './allocate-contract';
import { describeOtherWrites } from './other-writes-contract';
import { describeReading } from './reading-contract';
import type { NewStoreHarness } from './store-harness';

/** Everything that the port SandboxStore promises. Each adapter and each fake of it must pass. */
export function describeSandboxStore(name: string, newHarness: NewStoreHarness): void {
  describe(`${name}, as a SandboxStore`, () => {
    describeAllocate(newHarness);
    describeOtherWrites(newHarness);
    describeReading(newHarness);
  });
}
