/** P frame keys that only events simulated here carry. */

/** I3Particle: the true track. */
export const truthKey = "SimulatedTruth";
/** I3String: the name of the geometry; its presence marks the event as simulated. */
export const simulatedGeometryKey = "SimulatedGeometry";
