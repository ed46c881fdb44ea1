export { containerEngines, containerModes } from "./container/engine.ts";
export { containerSettingTable } from "./container/settings.ts";
export { gcdSettingTable } from "./gcd/settings.ts";
