import { createDice, hashText } from "./chance.ts";
import { loadSharp } from "./load-sharp.ts";
import { drawScene } from "./scene.ts";

/**
 * Text to image: a picture-book page drawn from the prompt's words, with the words on it. Without fonts on the
 * machine the words are left out and the drawing stands alone.
 * @param variation counts the pictures of one call from 0: each is another one
 */
export async function drawCard(
	prompt: string,
	size: { readonly width: number; readonly height: number },
	variation: number,
): Promise<Uint8Array> {
	const sharp = await loadSharp();
	const { width, height } = size;
	const unit = Math.min(width, height) / 100;
	const dice = createDice(hashText(`${prompt}#${variation}`));
	const scene = drawScene(prompt, dice, { width, height, unit });
	const caption = (await canWriteText()) ? drawCaption(prompt, width, height, unit) : "";
	const paper = `<rect x="${1.5 * unit}" y="${1.5 * unit}" width="${width - 3 * unit}" height="${height - 3 * unit}" rx="${3 * unit}" fill="none" stroke="#fffaf0" stroke-width="${3 * unit}"/>`;
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${scene}${paper}${caption}</svg>`;
	return sharp(Buffer.from(svg)).flatten({ background: "#fffaf0" }).jpeg({ quality: 88 }).toBuffer();
}

const lineLength = 44;
const maxLines = 3;

function drawCaption(prompt: string, width: number, height: number, unit: number): string {
	const lines = wrapWords(prompt, lineLength, maxLines);
	if (lines.length === 0) return "";
	const fontSize = Math.min(3.2 * unit, (width * 0.8) / (lineLength * 0.52));
	const boxHeight = (lines.length * 1.35 + 1) * fontSize;
	const top = height - boxHeight - 5 * unit;
	const text = lines.map(
		(line, index) =>
			`<text x="${width / 2}" y="${(top + (index * 1.35 + 1.35) * fontSize).toFixed(1)}" text-anchor="middle">${escapeXml(line)}</text>`,
	);
	return (
		`<rect x="${width * 0.07}" y="${top}" width="${width * 0.86}" height="${boxHeight}" rx="${2 * unit}" fill="#fffaf0" opacity=".9"/>` +
		`<g font-family="Georgia, 'DejaVu Serif', 'Liberation Serif', serif" font-size="${fontSize.toFixed(1)}" fill="#463a4a">${text.join("")}</g>`
	);
}

/** The first words of the prompt in lines of at most `length` characters; a longer text ends with an ellipsis. */
export function wrapWords(text: string, length: number, lineCount: number): string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(/\s+/).filter(Boolean)) {
		const piece = word.length > length ? `${word.slice(0, length - 1)}…` : word;
		if (line && line.length + 1 + piece.length > length) {
			lines.push(line);
			line = piece;
			if (lines.length === lineCount) {
				const last = (lines[lineCount - 1] ?? "").slice(0, length - 1).replace(/[\s,;:.!?-]+$/, "");
				lines[lineCount - 1] = `${last}…`;
				return lines;
			}
		} else {
			line = line ? `${line} ${piece}` : piece;
		}
	}
	return line ? [...lines, line] : lines;
}

/** XML knows neither bare markup nor control characters; a prompt may hold both. */
function escapeXml(text: string): string {
	const named: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
	return text
		.toWellFormed()
		.replace(/\p{Cc}|[\uFFFE\uFFFF]/gu, " ")
		.replace(/[&<>"']/g, (sign) => named[sign] as string);
}

let fontsFound: Promise<boolean> | undefined;

/** Asks by writing one letter and looking whether anything came of it: what fonts there are differs by machine. */
function canWriteText(): Promise<boolean> {
	fontsFound ??= (async () => {
		const sharp = await loadSharp();
		const letter = `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><text x="4" y="26" font-size="28" font-family="serif">M</text></svg>`;
		const { channels } = await sharp(Buffer.from(letter)).ensureAlpha().stats();
		return (channels[3]?.max ?? 0) > 0;
	})();
	return fontsFound;
}
