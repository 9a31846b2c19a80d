import type { JSONValue } from "@ai-sdk/provider";
import type { Question, Writer } from "./answer.ts";
import { createDice } from "./chance.ts";
import { nameOf, readDetails } from "./details.ts";
import type { Look } from "./look.ts";
import { describePicture, writeMasterPrompt, writePage } from "./story.ts";

const animals =
	/\b(dogs?|pupp(y|ies)|cats?|kittens?|bunn(y|ies)|rabbits?|hamsters?|parrots?|horses?|pony|guinea pigs?)\b/i;

/** Answers about a photo from what was seen in it, and from the animal that the words beside it name. */
export function writeAboutPhoto(seen: Look, words: string, seed: number): Writer & { readonly sentence: string } {
	const look: Look = animals.test(words) ? { ...seen, subject: "pet" } : seen;
	const sentence = describeLook(look);
	const features = listFeatures(look);
	return {
		sentence,
		dice: createDice(seed),
		text({ name, index }) {
			if (/colou?r|palette/i.test(name)) return look.colourNames[index % look.colourNames.length] as string;
			if (/feature|detail|trait|mark|key|tag|element/i.test(name)) return features[index % features.length] as string;
			if (/subject|kind|type|category/i.test(name)) return look.subject;
			if (/orientation|format/i.test(name)) return look.orientation;
			if (/mood|light/i.test(name)) return look.isDark ? "dim, warm light" : "bright, even light";
			return sentence;
		},
		choose: (_, options) => options.find((option) => option === look.subject || option === look.orientation),
		count: ({ name }) => (/colou?r|palette/i.test(name) ? look.colourNames.length : features.length),
	};
}

/** Answers about a story from the details in the prompt. */
export function writeStory(prompt: string, seed: number): Writer & { readonly sentence: string } {
	const details = readDetails(prompt);
	return {
		sentence: writeMasterPrompt(details),
		dice: createDice(seed),
		text({ name, index }: Question) {
			if (/(image|picture|illustration|visual|scene)/i.test(name)) return describePicture(details, index);
			if (/prompt/i.test(name)) return writeMasterPrompt(details);
			if (/title|headline/i.test(name)) return details.title;
			if (/hero|character|name/i.test(name)) return name.includes("ame") ? nameOf(details.hero) : details.hero;
			if (/setting|place/i.test(name)) return details.setting;
			if (/theme|moral/i.test(name)) return details.theme;
			if (/style/i.test(name)) return details.style;
			return writePage(details, index);
		},
		choose(_, options: readonly JSONValue[]) {
			const words = prompt.toLowerCase();
			return options.find((option) => typeof option === "string" && words.includes(option.toLowerCase()));
		},
		count: ({ name }) => (/page|scene|chapter|prompt|image|picture/i.test(name) ? details.pages : undefined),
	};
}

function describeLook(look: Look): string {
	const colours = look.colourNames.slice(0, 3);
	const list = colours.length > 1 ? `${colours.slice(0, -1).join(", ")} and ${colours.at(-1)}` : colours[0];
	// The colours of a face are those of many a dog.
	const who = { person: "Someone", pet: "A pet", other: "Something" }[look.subject];
	const light = look.isDark ? "in dim light" : "in bright, even light";
	return `${who} in a ${look.orientation} picture ${light}, mostly ${list}, with ${look.isTextured ? "rich, fine texture" : "soft, smooth shapes"}.`;
}

function listFeatures(look: Look): string[] {
	return [
		`${look.colourNames[0]} as the main colour`,
		...(look.colourNames[1] ? [`touches of ${look.colourNames[1]}`] : []),
		look.isTextured ? "fine texture" : "smooth surfaces",
		{ person: "a friendly face in the middle", pet: "a soft coat", other: "a clear outline" }[look.subject],
		`${look.orientation} framing`,
	];
}
