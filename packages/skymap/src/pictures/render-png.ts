import { fontFiles } from "./fonts.ts";
import { loadLibrary } from "./lazy-library.ts";
import { fontFamily } from "./svg.ts";

/** Width of PNG pictures unless told otherwise. */
export const defaultPngWidthPx = 1600;
const MAX_WIDTH_PX = 10_000;

/**
 * An SVG as PNG, by resvg, with the fonts of the package only: the same bytes on every machine of a kind.
 * @throws SkymapError `unavailable` without resvg for this platform; RangeError for a width that is not from 100 to 10000
 */
export async function renderPng(svg: string, widthPx: number = defaultPngWidthPx): Promise<Uint8Array> {
  if (!Number.isInteger(widthPx) || widthPx < 100 || widthPx > MAX_WIDTH_PX)
    throw new RangeError(`a picture ${widthPx} pixels wide: from 100 to ${MAX_WIDTH_PX} are possible`);
  const { renderAsync } = await loadLibrary("@resvg/resvg-js", "PNG", () => import("@resvg/resvg-js"));
  const { regular, bold } = fontFiles();
  const image = await renderAsync(svg, {
    fitTo: { mode: "width", value: widthPx },
    font: { loadSystemFonts: false, fontFiles: [regular, bold], defaultFontFamily: fontFamily },
    logLevel: "error",
  });
  return image.asPng();
}
