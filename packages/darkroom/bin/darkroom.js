#!/usr/bin/env node
// Plain and short, so that a Node too old for the rest is told so in a sentence and not by a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
	process.stderr.write(`darkroom needs Node 22.13 or later; this is ${process.version} (${process.execPath}).\n`);
	process.exit(1);
}
const { main } = await import(new URL("../dist/cli/main.js", import.meta.url).href);
process.exitCode = await main(process.argv.slice(2), process.env);
