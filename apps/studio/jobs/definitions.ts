import type { AnyJobDefinition } from "darkroom";
import { generatePlushie } from "./generate-plushie.ts";

/** Every kind of job that the Studio offers. */
export const definitions: readonly AnyJobDefinition[] = [generatePlushie];
