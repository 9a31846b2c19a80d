import { expect, it } from "vitest";
import { ownOrigins } from "./own-origins.ts";

it("takes the host that the browser used, by either scheme", () => {
	expect(ownOrigins(new Headers({ host: "192.168.1.7:3000" }))).toEqual([
		"http://192.168.1.7:3000",
		"https://192.168.1.7:3000",
	]);
});

it("takes the host that a proxy was asked for besides its own", () => {
	const headers = new Headers({ host: "10.0.0.2:3000", "x-forwarded-host": "studio.example.com, inner.example" });
	expect(ownOrigins(headers)).toContain("https://studio.example.com");
});

it("trusts nothing without a host, and never a pattern", () => {
	expect(ownOrigins(undefined)).toEqual([]);
	expect(ownOrigins(new Headers({ host: "*.example.com" }))).toEqual([]);
});
