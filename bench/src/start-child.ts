import { createDarkroom } from "darkroom";
import { sqlite } from "darkroom/sqlite";
import { fiveSteps, probe } from "./five-steps.ts";

/** Begins on a database in which a job waits, and tells how long it took to have it in hand. */
const path = process.argv[2] ?? "";
const begunAt = performance.now();
const begun = Promise.withResolvers<number>();
probe.onFirstStep = () => begun.resolve(performance.now());
const darkroom = createDarkroom({ jobs: [fiveSteps], store: sqlite(path) });
await darkroom.start();
const claimedAt = await begun.promise;
process.send?.({ claimMs: claimedAt - begunAt, processMs: claimedAt });
await darkroom.stop();
process.disconnect?.();
