import { expect, test } from "vitest";
import { requireBearer } from "./bearer.ts";

function call(authorization?: string): Request {
	return new Request("http://app.test/", authorization === undefined ? {} : { headers: { authorization } });
}

test("the right secret passes", () => {
	expect(() => requireBearer(call("Bearer open sesame"), "open sesame")).not.toThrow();
});

test.each([
	undefined,
	"",
	"Bearer",
	"Bearer ",
	"Bearer open",
	"Bearer open sesame!",
	"Basic open sesame",
	"open sesame",
])("%s does not pass", (authorization) => {
	expect(() => requireBearer(call(authorization), "open sesame")).toThrow(
		expect.objectContaining({ code: "bad_signature", status: 401 }),
	);
});

test.each([undefined, ""])("with the secret %j nobody passes", (secret) => {
	for (const authorization of ["Bearer undefined", "Bearer ", "Bearer null"]) {
		expect(() => requireBearer(call(authorization), secret)).toThrow(
			expect.objectContaining({ code: "bad_signature" }),
		);
	}
});
