import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { type LogFields, silentLogger } from "../../core/logger.ts";
import { anything, type Elsewhere } from "../store.ts";
import { ElsewhereNews } from "./elsewhere.ts";

test("news of another process is told also where it cannot be looked up who was moved, and why not is logged", () => {
	const folder = mkdtempSync(join(tmpdir(), "darkroom-news-"));
	const path = join(folder, "news.db");
	const [own, other] = [new DatabaseSync(path), new DatabaseSync(path)];
	own.exec("CREATE TABLE transfers (id INTEGER, owner TEXT)");
	const logged: { readonly message: string; readonly fields: LogFields }[] = [];
	const warn = (fields: LogFields, message: string) => void logged.push({ message, fields });
	const news = new ElsewhereNews(null, { ...silentLogger, warn });
	news.attach(own);
	const heard: Elsewhere[] = [];
	const stop = news.onElsewhere((one) => heard.push(one));
	other.exec("DROP TABLE transfers");
	const { data_version: version } = own.prepare("PRAGMA data_version").get() as { data_version: number };
	news.saw(version);
	expect(heard).toEqual([anything]);
	expect(logged).toMatchObject([{ message: "could not look who was moved", fields: { err: expect.any(Error) } }]);
	stop();
	for (const db of [own, other]) db.close();
	rmSync(folder, { recursive: true });
});
