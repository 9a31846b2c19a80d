/**
 * `darkroom/testing`: for the tests of apps that use Darkroom. A whole Darkroom on a database of its own, and a clock
 * to move by hand.
 */
export { createManualClock, type ManualClock } from "./manual-clock.ts";
export { createTestDarkroom, type TestDarkroom, type TestDarkroomOptions } from "./test-darkroom.ts";
