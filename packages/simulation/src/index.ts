export { simulateTrack } from "./simulate-track.ts";
export { simulateCascade } from "./simulate-cascade.ts";
export { type EventKind, type SimulatedEvent, type SimulationOptions, type Truth } from "./simulated-event.ts";
export { type ResponseOptions } from "./detector-response.ts";
export { iceByName, iceNames, type Ice, type IceName } from "./ice.ts";
export { travelDirection, type LightAtModule } from "./light.ts";
export { lightOfTrack, type Track } from "./track-light.ts";
export { cascadeEmission, lightOfCascade, type Cascade } from "./cascade-light.ts";
export { createRandom, type Random } from "./random.ts";
