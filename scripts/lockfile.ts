/** The part of npm's lockfile, version 3, that is looked at. */
interface Lockfile {
	readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
	readonly version?: string;
	readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Optional dependencies that the lockfile has lost: npm drops those that it cannot find, such as a binary for
 * another platform that is not published yet, without a word, and `npm ci` then refuses the lockfile everywhere.
 */
export function checkLockfile(file: string, text: string): string[] {
	const { packages } = JSON.parse(text) as Lockfile;
	return Object.entries(packages).flatMap(([place, { version, optionalDependencies = {} }]) =>
		Object.keys(optionalDependencies)
			.filter((name) => !isLocked(packages, place, name))
			.map(
				(name) =>
					`${file} lacks ${name}, which ${place || "package.json"} ${version ?? ""} names as optional: take a version that has it.`,
			),
	);
}

/** Looked for as Node does: beside the package that names it, then in each folder above. */
function isLocked(packages: Lockfile["packages"], place: string, name: string): boolean {
	for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
		if (`${folder}${folder === "" ? "" : "/"}node_modules/${name}` in packages) return true;
		if (folder === "") return false;
	}
}
