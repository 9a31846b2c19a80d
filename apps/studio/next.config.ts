import type { NextConfig } from "next";

const securityHeaders = [
	{ key: "X-Content-Type-Options", value: "nosniff" },
	{ key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
	{ key: "Permissions-Policy", value: "camera=(self), microphone=(), geolocation=()" },
	{ key: "Cross-Origin-Opener-Policy", value: "same-origin" },
	// For what proxy.ts does not see; pages get the full policy with a nonce from there.
	{ key: "X-Frame-Options", value: "DENY" },
];

const config: NextConfig = {
	poweredByHeader: false,
	agentRules: false,
	// Native modules and packages that hold the process's one runtime must not be bundled into several graphs.
	serverExternalPackages: ["darkroom", "sharp", "pino", "better-auth", "ai"],
	turbopack: {
		rules: { "*.css": { loaders: ["@tailwindcss/turbopack"], as: "*.css" } },
	},
	headers: async () => [{ source: "/:path*", headers: securityHeaders }],
};

export default config;
