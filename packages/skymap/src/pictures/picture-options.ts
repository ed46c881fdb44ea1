import type { Contour } from "../regions/contours.ts";
import type { DecConvention } from "../regions/direction.ts";
import { eventNameOf } from "../result/metadata.ts";
import { eventMetadataOf, type Skymap } from "../result/skymap.ts";
import { utcOfMjd } from "./utc-time.ts";

/** A direction to mark: a recorded fit, the truth of a simulation. */
export interface Marker {
  readonly label: string;
  readonly raRad: number;
  readonly decRad: number;
}

/** Settings of pictures. */
export interface PictureOptions {
  /** Needed for results without header. */
  readonly decConvention?: DecConvention;
  /** Directions to mark, named in the legend. */
  readonly markers?: readonly Marker[];
  /** As `contoursOf` has them; none unless given. */
  readonly contours?: readonly Contour[];
  /** Lines above the map, the first one large; default {@link titleLinesOf}. */
  readonly titleLines?: readonly string[];
  /** Whether PRELIMINARY stands on the picture; default: when an nside is incomplete. */
  readonly preliminary?: boolean;
}

/** What a result's file does not hold or may not hold. */
export interface EventFacts {
  /** Default: the name by the result's header. */
  readonly eventName?: string;
  readonly reco?: string;
}

/** Title of a result: the event; its time (of real events), the reco; the pixels of each nside. */
export function titleLinesOf(skymap: Skymap, facts: EventFacts = {}): readonly string[] {
  const metadata = eventMetadataOf(skymap);
  const name = facts.eventName ?? (metadata === undefined ? "Unknown event (a file without header)" : eventNameOf(metadata));
  const simulated = metadata?.isRealEvent === false;
  const time = metadata === undefined || simulated ? undefined : utcOfMjd(metadata.mjd);
  const about = [
    ...(simulated ? ["simulated event"] : []),
    ...(time === undefined ? [] : [`${time}  (MJD ${metadata!.mjd.toFixed(5)})`]),
    ...(facts.reco === undefined ? [] : [`reco ${facts.reco}`]),
  ];
  const nsides = [...skymap.levels]
    .sort((a, b) => a.nside - b.nside)
    .map(({ nside, columns, metadata: level }) => {
      const pixels = `nside ${nside}: ${columns.index.length} pixels`;
      return level?.complete === false ? `${pixels}, incomplete` : pixels;
    });
  return [name, about.join("  ·  "), nsides.join("  ·  ")].filter((line) => line !== "");
}

/** Whether a result says of itself that there is more to come. */
export function isPreliminary(skymap: Skymap, options: PictureOptions): boolean {
  return options.preliminary ?? skymap.levels.some((level) => level.metadata?.complete === false);
}
