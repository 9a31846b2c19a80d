"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { cn } from "@/ui/class-names";
import { type Theme, themeCookie, themes } from "./theme";

const faces = {
	system: { label: "As the device", icon: Monitor },
	light: { label: "Light", icon: Sun },
	dark: { label: "Dark", icon: Moon },
} as const;

/** Changes the light at once, and for a year. */
export function ThemePicker({ current }: { readonly current: Theme }) {
	const [theme, setTheme] = useState(current);
	function choose(next: Theme) {
		setTheme(next);
		if (next === "system") delete document.documentElement.dataset.theme;
		else document.documentElement.dataset.theme = next;
		// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing where the page is served over plain HTTP
		document.cookie = `${themeCookie}=${next}; path=/; max-age=31536000; samesite=lax`;
	}
	return (
		<fieldset className="flex flex-wrap gap-2">
			<legend className="sr-only">Appearance</legend>
			{themes.map((name) => {
				const { label, icon: Icon } = faces[name];
				return (
					<label
						key={name}
						className={cn(
							"flex h-11 cursor-pointer items-center gap-2 rounded-[10px] border border-edge bg-sheet px-4 text-[0.9375rem] font-semibold",
							"has-checked:border-safelight has-checked:bg-safelight-wash has-focus-visible:outline-[2.5px] has-focus-visible:outline-offset-3 has-focus-visible:outline-safelight",
						)}
					>
						<input
							type="radio"
							name="theme"
							value={name}
							checked={theme === name}
							onChange={() => choose(name)}
							className="sr-only"
						/>
						<Icon aria-hidden className="size-4" />
						{label}
					</label>
				);
			})}
		</fieldset>
	);
}
