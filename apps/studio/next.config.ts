import type { NextConfig } from "next";

const securityHeaders = [
	{ key: "X-Content-Type-Options", value: "nosniff" },
	{ key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
	{ key: "Permissions-Policy", value: "camera=(self), microphone=(), geolocation=()" },
	// For what proxy.ts does not see; pages get the full policy with a nonce from there.
	{ key: "X-Frame-Options", value: "DENY" },
];

/**
 * Browsers heed it from origins that they trust alone, which are https and the machine itself, and log an error at each page
 * of any other, such as another machine of the same network by plain http.
 */
const openerPolicy = [{ key: "Cross-Origin-Opener-Policy", value: "same-origin" }];
const isHttps = { type: "header", key: "x-forwarded-proto", value: "https(?:,.*)?" } as const;
const thisMachine = String.raw`(?:(?:.*\.)?localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?`;
const isThisMachine = { type: "header", key: "host", value: thisMachine } as const;

const config: NextConfig = {
	poweredByHeader: false,
	agentRules: false,
	// Native modules and packages that hold the process's one runtime must not be bundled into several graphs.
	serverExternalPackages: ["darkroom", "sharp", "pino", "better-auth", "ai"],
	turbopack: {
		rules: { "*.css": { loaders: ["@tailwindcss/turbopack"], as: "*.css" } },
	},
	headers: async () => [
		{ source: "/:path*", headers: securityHeaders },
		{ source: "/:path*", has: [isHttps], headers: openerPolicy },
		{ source: "/:path*", has: [isThisMachine], headers: openerPolicy },
	],
};

export default config;
