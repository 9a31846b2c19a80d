/**
 * How far a plushie is when each of its steps begins, in percent: by how long they usually take, of which drawing is most.
 * The job reports it, and the page knows by it what the step under way will come to.
 */
export const plushieShares = {
	"upload-original": 4,
	"analyze-image": 12,
	"generate-plushie": 35,
	"upload-generated": 85,
	finalize: 96,
} as const;
