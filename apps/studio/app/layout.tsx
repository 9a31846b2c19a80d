import "@fontsource-variable/bricolage-grotesque/wght.css";
import "@fontsource-variable/instrument-sans/wght.css";
import "@fontsource-variable/martian-mono/wght.css";
import "./globals.css";
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { Toaster } from "sonner";
import { GuestProvider } from "@/features/account/guest";
import { Footer } from "@/features/site/footer";
import { Header } from "@/features/site/header";
import { themeCookie, toTheme } from "@/features/site/theme";
import { viewerIfKnown } from "@/server/session";
import { holdPressesText } from "@/ui/early-press";
import { EarlyPressAgain } from "@/ui/early-press-again";
import { FocusKeeper } from "@/ui/focus-keeper";

export const metadata: Metadata = {
	title: { default: "Darkroom: your photo, a plushie", template: "%s · Darkroom" },
	description: "Drop in a photo and watch it develop into a plushie. In the background, paid for only when it is done.",
};

export const viewport: Viewport = {
	themeColor: [
		{ media: "(prefers-color-scheme: light)", color: "#f6f1e7" },
		{ media: "(prefers-color-scheme: dark)", color: "#140d0b" },
	],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
	const [viewer, jar, asked] = await Promise.all([viewerIfKnown(), cookies(), headers()]);
	const theme = toTheme(jar.get(themeCookie)?.value);
	return (
		<html lang="en" data-theme={theme === "system" ? undefined : theme}>
			<body className="flex flex-col antialiased">
				<script
					nonce={asked.get("x-nonce") ?? undefined}
					// A browser shows the nonce to no script, so React would miss it.
					suppressHydrationWarning
					// biome-ignore lint/security/noDangerouslySetInnerHtml: our own text, before any of the page's code
					dangerouslySetInnerHTML={{ __html: holdPressesText }}
				/>
				<a
					href="#main"
					className="fixed top-2 left-2 z-50 -translate-y-20 rounded-[10px] bg-safelight px-4 py-2 font-semibold text-on-safelight focus:translate-y-0"
				>
					Skip to content
				</a>
				<Header viewer={viewer} />
				<main id="main" tabIndex={-1} className="flex-1 outline-none">
					<GuestProvider isGuest={viewer?.isGuest ?? false}>{children}</GuestProvider>
				</main>
				<Footer />
				<FocusKeeper />
				<EarlyPressAgain />
				<Toaster position="top-center" theme={theme} toastOptions={{ className: "studio-toast" }} />
			</body>
		</html>
	);
}
