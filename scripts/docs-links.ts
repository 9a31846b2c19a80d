import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { root } from "./command.ts";
import { anchorsOf, linksOf } from "./markdown.ts";

/** Faults of a page's links within the repository: a file that is not there, a heading that is not in it. */
export function checkLinks(page: string, markdown: string): string[] {
	return linksOf(markdown).flatMap(({ target, line }) => {
		if (/^[a-z][a-z+.-]*:/i.test(target)) return [];
		const [path = "", anchor] = target.split("#");
		const file = path === "" ? page : normalize(join(dirname(page), decodeURIComponent(path)));
		const content = file === page ? markdown : readPage(file);
		if (content === undefined) return [`${page}:${line} links to ${target}, which is not there.`];
		if (anchor === undefined || anchorsOf(content).has(anchor)) return [];
		return [`${page}:${line} links to ${target}, but ${file} has no such heading.`];
	});
}

/** A page's text, `""` for anything else that is there, undefined for what is not, or is not ours. */
function readPage(file: string): string | undefined {
	const absolute = join(root, file);
	if (file.startsWith("..") || !existsSync(absolute)) return undefined;
	return file.endsWith(".md") && statSync(absolute).isFile() ? readFileSync(absolute, "utf8") : "";
}
