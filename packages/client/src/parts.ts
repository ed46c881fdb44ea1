// Policies of a client without the client around them, for simulations: no public interface.
export { createDeclines } from "./declines.ts";
export { createFinals } from "./finals.ts";
export { createLookahead } from "./lookahead.ts";
