/** What the library logs to; a pino logger is one. The default logs nothing. */
export interface Logger {
	debug(fields: LogFields, message: string): void;
	info(fields: LogFields, message: string): void;
	warn(fields: LogFields, message: string): void;
	error(fields: LogFields, message: string): void;
	/** Whether a line of this level would be written; asked before the dearer lines are put together. Default: yes. */
	isLevelEnabled?(level: "debug" | "info" | "warn" | "error"): boolean;
}

/** Names and numbers only: never an input, a prompt, bytes or a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined | Error>>;

const nothing = () => {};
export const silentLogger: Logger = {
	debug: nothing,
	info: nothing,
	warn: nothing,
	error: nothing,
	isLevelEnabled: () => false,
};
