import { fontFiles } from "./fonts.ts";
import { loadLibrary } from "./lazy-library.ts";

/**
 * An SVG as a PDF page of its size, in vectors, its fonts embedded. The page has no date, so the same picture gives the same bytes.
 * @throws SkymapError `unavailable` without the PDF libraries
 */
export async function renderPdf(svg: string): Promise<Uint8Array> {
  const { default: PdfDocument } = await loadLibrary("pdfkit", "PDF", () => import("pdfkit"));
  const { default: insertSvg } = await loadLibrary("svg-to-pdfkit", "PDF", () => import("svg-to-pdfkit"));
  const [width, height] = sizeOf(svg);
  const { regular, bold } = fontFiles();
  const document = new PdfDocument({ size: [width, height], margin: 0, info: { CreationDate: new Date(0) } });
  document.registerFont("regular", regular).registerFont("bold", bold);
  const chunks: Uint8Array[] = [];
  const whole = new Promise<Uint8Array>((resolve, reject) => {
    document.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    document.on("end", () => {
      resolve(Buffer.concat(chunks));
    });
    document.on("error", reject);
  });
  insertSvg(document, svg, 0, 0, {
    width,
    height,
    assumePt: true,
    fontCallback: (_family, isBold) => (isBold ? "bold" : "regular"),
  });
  document.end();
  return whole;
}

function sizeOf(svg: string): [number, number] {
  const match = /viewBox="0 0 ([0-9.]+) ([0-9.]+)"/.exec(svg);
  if (match === null) throw new RangeError("the SVG has no viewBox that begins at 0 0: it is none of this package's pictures");
  return [Number(match[1]), Number(match[2])];
}
