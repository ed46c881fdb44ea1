/** `nside/pixel/posvar`, the name of a work unit. */
export const formatUnitId = (nside: number, pixel: number, posvar: number): string => `${nside}/${pixel}/${posvar}`;

export interface UnitId {
  readonly nside: number;
  readonly pixel: number;
  readonly posvar: number;
}

/** The parts of a unit id, or undefined when it is none: only what `formatUnitId` writes is one, so that a unit has one name. */
export function parseUnitId(unit: string): UnitId | undefined {
  const match = /^([1-9]\d{0,7})\/(0|[1-9]\d{0,15})\/(0|[1-9]\d{0,4})$/.exec(unit);
  if (match === null) return undefined;
  return { nside: Number(match[1]), pixel: Number(match[2]), posvar: Number(match[3]) };
}
