/** `system` follows the device. Kept in a cookie, so that the server already renders the right light. */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
export const themeCookie = "theme";

export function toTheme(value: string | undefined): Theme {
	return themes.find((theme) => theme === value) ?? "system";
}
