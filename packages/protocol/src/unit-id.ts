/** `nside/pixel/posvar`, the name of a work unit. */
export const formatUnitId = (nside: number, pixel: number, posvar: number): string => `${nside}/${pixel}/${posvar}`;

export interface UnitId {
  readonly nside: number;
  readonly pixel: number;
  readonly posvar: number;
}

/** The parts of a unit id, or undefined when it is none. */
export function parseUnitId(unit: string): UnitId | undefined {
  const match = /^(\d{1,8})\/(\d{1,16})\/(\d{1,5})$/.exec(unit);
  if (match === null) return undefined;
  return { nside: Number(match[1]), pixel: Number(match[2]), posvar: Number(match[3]) };
}
