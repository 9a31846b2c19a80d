import { expect, test } from "vitest";
import { checkStyle } from "./style-limits.ts";

const lines = (count: number) => "x\n".repeat(count);
const later = ["TO", "DO"].join("");

test.each([
	["a file above 500 lines", "a/b.sql", lines(501), /501 lines; the limit is 500/],
	["a README above 250 lines", "README.md", lines(251), /251 lines; the limit is 250/],
	["a file named after nothing", "a/utils.ts", "", /named after nothing/],
	["its test, too", "a/helpers.test.ts", "", /named after nothing/],
	["what is left to be done", "a/b.ts", `one\n// ${later}: two\n`, /a\/b\.ts:2 says/],
])("%s is refused", (_, file, content, because) => {
	expect(checkStyle(file, content)).toEqual([expect.stringMatching(because)]);
});

test.each([
	["a file of 500 lines", "a/b.ts", lines(500)],
	["a README of 250 lines", "README.md", lines(250)],
	["a name that merely contains a forbidden one", "a/common-ground.ts", ""],
	["a picture, however long", "a/b.png", lines(9_000)],
	["a word that merely contains one", "a/b.ts", `const my${later}s = 1;\n`],
])("%s is accepted", (_, file, content) => expect(checkStyle(file, content)).toEqual([]));
