/**
 * The part of CEL that the tests' Inngest server understands in triggers, `cancelOn`, concurrency keys and priorities:
 * paths from `event` and `async` (`event.data.jobId`), text in single or double quotes, whole numbers, `true`, `false`,
 * `null`, `== != < <= > >=`, `&& || !` and parentheses. What a path does not find is null. Everything else throws, when
 * the function is registered and not when it is first needed.
 */

/** What an expression may look at. */
export interface Scope {
	readonly event: object;
	/** The event that came later; only in `cancelOn`. */
	readonly async?: object;
}

export type Expression = (scope: Scope) => unknown;

const tokenPattern =
	/\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(-?\d+)|((?:event|async)(?:\.[A-Za-z_]\w*)*)|(true|false|null)|(==|!=|<=|>=|<|>|&&|\|\||!|\(|\)))/y;

type Token = { readonly text: string; readonly value?: Expression };

/** @throws {Error} when the text has anything in it that is not in the list above. */
export function parseExpression(text: string): Expression {
	const refuse = () => new Error(`The tests' Inngest server does not understand the expression "${text}".`);
	const tokens = tokenize(text, refuse);
	let at = 0;
	const take = (...texts: readonly string[]) => {
		const token = tokens[at];
		if (!token || token.value || !texts.includes(token.text)) return undefined;
		at++;
		return token.text;
	};
	const operand = (): Expression => {
		if (take("!")) {
			const inner = operand();
			return (scope) => inner(scope) !== true;
		}
		if (take("(")) {
			const inner = either();
			if (!take(")")) throw refuse();
			return inner;
		}
		const value = tokens[at++]?.value;
		if (!value) throw refuse();
		return value;
	};
	const comparison = (): Expression => {
		const left = operand();
		const operator = take("==", "!=", "<", "<=", ">", ">=");
		if (!operator) return left;
		const right = operand();
		return (scope) => compare(operator, left(scope), right(scope));
	};
	const both = (): Expression => {
		let left = comparison();
		while (take("&&")) {
			const [first, second] = [left, comparison()];
			left = (scope) => first(scope) === true && second(scope) === true;
		}
		return left;
	};
	const either = (): Expression => {
		let left = both();
		while (take("||")) {
			const [first, second] = [left, both()];
			left = (scope) => first(scope) === true || second(scope) === true;
		}
		return left;
	};
	const whole = either();
	if (at !== tokens.length) throw refuse();
	return whole;
}

function tokenize(text: string, refuse: () => Error): Token[] {
	const tokens: Token[] = [];
	const source = text.trimEnd();
	tokenPattern.lastIndex = 0;
	while (tokenPattern.lastIndex < source.length) {
		const match = tokenPattern.exec(source);
		if (!match) throw refuse();
		const [, quoted, number, path, word, operator] = match;
		if (operator) tokens.push({ text: operator });
		else if (path) tokens.push({ text: path, value: (scope) => lookUp(scope, path) });
		else {
			const value = quoted ? quoted.slice(1, -1).replace(/\\(.)/g, "$1") : JSON.parse(number ?? word ?? "null");
			tokens.push({ text: "constant", value: () => value });
		}
	}
	return tokens;
}

function lookUp(scope: Scope, path: string): unknown {
	let value: unknown = scope;
	for (const key of path.split(".")) value = (value as Record<string, unknown> | null | undefined)?.[key];
	return value ?? null;
}

function compare(operator: string, left: unknown, right: unknown): boolean {
	if (operator === "==") return left === right;
	if (operator === "!=") return left !== right;
	if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
	const [a, b] = [left, right as typeof left];
	if (operator === "<") return a < b;
	if (operator === "<=") return a <= b;
	return operator === ">" ? a > b : a >= b;
}
