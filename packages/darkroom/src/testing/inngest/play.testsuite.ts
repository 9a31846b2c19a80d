import { InngestServer } from "../inngest-server.testsuite.ts";

/** The tests' Inngest server as a program: it listens on the port that is its argument, by the machine's time, until it is killed, or whoever started it is gone. */
const backoffMs = 200;
process.stdin.resume().once("end", () => process.exit(0));
await InngestServer.start({ port: Number(process.argv[2]), backoffMs: () => backoffMs });
