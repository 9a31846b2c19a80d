import type { PhotoRules } from "./check-photo";

/** What a maker is told before anything starts; read on the server, where definitions and models are. */
export interface PlushieTerms {
	readonly price: number;
	readonly photo: PhotoRules;
	/** The model that draws, and its provider. */
	readonly modelName: string;
	readonly modelNote: string;
}
