/**
 * Starts a TypeScript script of this repository: `node scripts/run.mjs scripts/build.ts --if-stale`.
 * Plain JavaScript, so that a Node too old for the rest is told so in a sentence and not by a syntax error.
 * Node before 22.18 strips types only when asked, so there the script gets a process of its own.
 */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
	console.error(
		`Darkroom needs Node 22.13 or later; this is ${process.version} (${process.execPath}). ` +
			"On Linux `npm install` brings its own, which `npm run` and `npm start` then use; elsewhere install it from https://nodejs.org.",
	);
	process.exit(1);
}

const [script, ...args] = process.argv.slice(2);
if (!script) {
	console.error("Say which script: node scripts/run.mjs scripts/build.ts");
	process.exit(1);
}

if (process.features.typescript) {
	process.argv.splice(1, process.argv.length - 1, resolve(script), ...args);
	await import(pathToFileURL(resolve(script)).href);
} else {
	const flags = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"];
	const child = spawn(process.execPath, [...flags, script, ...args], { stdio: "inherit" });
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
	child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
