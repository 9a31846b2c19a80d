/**
 * A page for React to render into, in a process that otherwise stays Node's: the server that the hooks talk to
 * runs in it too, and would not with a browser's `URL` and `Blob` in place of Node's. Import it before
 * `@testing-library/react`.
 */
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>", { url: "http://app.test/", pretendToBeVisual: true });
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
