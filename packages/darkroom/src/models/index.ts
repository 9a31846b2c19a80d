/**
 * `darkroom/models`: the models of an app by role, over the AI SDK. `createModels` takes options,
 * `modelsFromEnvironment` the variables; with neither key nor name, placeholder models answer.
 */
export { createModels, type ModelsConfig } from "./create-models.ts";
export { classify } from "./failure.ts";
export { modelsFromEnvironment } from "./from-environment.ts";
export type { BoundModels, ModelCall, ModelDescription, Models, Role } from "./models.ts";
export { roles } from "./models.ts";
export type { Fetch, OpenAISettings, VendorName, VendorSettings } from "./vendors.ts";
