import { createDarkroom } from "darkroom";
import { sqlite } from "darkroom/sqlite";
import { fiveSteps, probe } from "./five-steps.ts";

/** A job is left waiting by the process before; this one starts on it, and leaves another for the next. */
const path = process.argv[2] ?? "";
const begunAt = performance.now();
const begun = Promise.withResolvers<number>();
probe.onFirstStep = () => begun.resolve(performance.now());
const darkroom = createDarkroom({ jobs: [fiveSteps], store: sqlite(path) });
await darkroom.start();
const startedAt = performance.now();
await darkroom.grantCredits({ owner: "starter", amount: 1_000, key: "bench" });
await darkroom.submit(fiveSteps, { owner: "starter", input: { n: 1 } });
const claimedAt = await begun.promise;
void startedAt;
process.send?.({ claimMs: claimedAt - begunAt, processMs: claimedAt });
await darkroom.stop();
process.disconnect?.();
