export { simulateTrack, type SimulatedTrack, type TrackOptions, type TrackTruth } from "./simulate-track.ts";
export { type ResponseOptions } from "./detector-response.ts";
export { attenuationM, delayRatePerNs, lightAt, travelDirection, type LightAtModule, type Track } from "./cherenkov.ts";
export { createRandom, type Random } from "./random.ts";
