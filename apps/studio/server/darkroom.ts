import { join } from "node:path";
import { createDarkroom, type Darkroom } from "darkroom";
import { files } from "darkroom/assets/files";
import { createModels } from "darkroom/models";
import { sqlite } from "darkroom/sqlite";
import { definitions } from "../jobs/definitions";
import { getConfig } from "./config";
import { getLogger } from "./logger";

/**
 * Next loads `instrumentation.ts` and the routes as separate module graphs, so a module's variable would make
 * two runtimes on one database; the process's global holds the only one.
 */
const slot = Symbol.for("darkroom");
const holder = globalThis as typeof globalThis & { [slot]?: Darkroom };

/** The one Darkroom of this process, made at the first call and never at import, so that a build opens no database. */
export function getDarkroom(): Darkroom {
	const living = holder[slot];
	if (living) {
		// A hot reload evaluates the job files again without restarting the process: the runtime takes them over.
		if (living.definitions.get(firstKind) !== definitions[0]) living.define(definitions);
		return living;
	}
	const config = getConfig();
	const darkroom = createDarkroom({
		jobs: definitions,
		store: sqlite(join(config.dataFolder, "darkroom.db")),
		assets: files(join(config.dataFolder, "assets")),
		models: createModels({}),
		logger: getLogger(),
	});
	holder[slot] = darkroom;
	return darkroom;
}

const firstKind = definitions[0]?.kind ?? "";
