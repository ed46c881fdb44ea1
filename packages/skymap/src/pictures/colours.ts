/** Viridis at equal steps, from worst to best (S. van der Walt and N. Smith, public domain): even in lightness, and safe for colour-blind eyes. */
const ANCHORS = [
  [0x44, 0x01, 0x54],
  [0x48, 0x24, 0x75],
  [0x41, 0x44, 0x87],
  [0x35, 0x5f, 0x8d],
  [0x2a, 0x78, 0x8e],
  [0x21, 0x91, 0x8c],
  [0x22, 0xa8, 0x84],
  [0x44, 0xbf, 0x70],
  [0x7a, 0xd1, 0x51],
  [0xbd, 0xdf, 0x26],
  [0xfd, 0xe7, 0x25],
] as const;

/** Number of colours that pixels have. */
export const colourCount = 128;

/** Colour of a pixel whose every fit failed: no colour of the scale. */
export const failedColour = "#b0b0b0";
/** Sky that was not scanned. */
export const unscannedColour = "#e0e0e0";
/** Ink of contours, and the light behind it. */
export const ink = "#101010";
/** Okabe and Ito's vermilion, blue, purple and orange, which stand off from viridis: colours of markers. */
export const markerColours = ["#d55e00", "#56b4e9", "#cc79a7", "#e69f00"] as const;

/** Colour of a fraction of the scale: 0 is the best fit (yellow), 1 the worst (violet). */
export function colourOf(fraction: number): string {
  const at = (1 - Math.min(1, Math.max(0, fraction))) * (ANCHORS.length - 1);
  const below = Math.min(ANCHORS.length - 2, Math.floor(at));
  const channels = ANCHORS[below]!.map((from, k) => Math.round(from + (at - below) * (ANCHORS[below + 1]![k]! - from)));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
