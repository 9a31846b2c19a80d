/** `darkroom/http`: Darkroom's routes as one fetch-standard function. */
export { createHandler, type HandlerOptions } from "./handler.ts";
export { answerProblem } from "./problem.ts";
