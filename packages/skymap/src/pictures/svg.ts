/** Attributes of an element; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A length in the picture, to a hundredth. */
export function px(value: number): string {
  // `+ 0` makes the negative zero a zero.
  return String(Math.round(value * 100) / 100 + 0);
}

/** Text as XML takes it; control characters, which XML has no place for, become blanks. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\P{Cc}\n]/gu, " ")
    .replace(/[\p{Cs}\uFFFE\uFFFF]/gu, "�")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** One element. Children are markup, not text. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : ` ${key}="${typeof value === "number" ? px(value) : escapeXml(value)}"`,
  );
  const start = `<${name}${written.join("")}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join("")}</${name}>`;
}

/** How a text stands. */
export interface TextStyle {
  readonly size?: number;
  readonly bold?: boolean;
  readonly fill?: string;
  readonly anchor?: "start" | "middle" | "end";
  /** Colour of an outline behind the letters, for text on a map. */
  readonly halo?: string;
  /** Degrees, clockwise, around (x, y). */
  readonly rotateDeg?: number;
}

/** Font of all texts. The files come with the package, see {@link fontFiles}. */
export const fontFamily = "DejaVu Sans";

/** A line of text with its baseline at y. */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const attributes: Attributes = {
    x,
    y,
    "font-size": style.size ?? 14,
    "font-weight": style.bold === true ? "bold" : undefined,
    "text-anchor": style.anchor === "start" ? undefined : style.anchor,
    transform: style.rotateDeg === undefined ? undefined : `rotate(${px(style.rotateDeg)} ${px(x)} ${px(y)})`,
  };
  const halo: Attributes = { ...attributes, fill: "none", stroke: style.halo, "stroke-width": 3, "stroke-linejoin": "round" };
  return [
    ...(style.halo === undefined ? [] : [element("text", halo, escapeXml(content))]),
    element("text", { ...attributes, fill: style.fill ?? "#1a1a1a" }, escapeXml(content)),
  ].join("");
}

/** About how wide a text is. DejaVu's letters are 0.6 of their size on average. */
export function textWidth(content: string, size = 14): number {
  return 0.6 * size * content.length;
}

/** A path through points; closed when it is an outline. */
export function polyline(points: Iterable<readonly [number, number]>, closed: boolean): string {
  let path = "";
  for (const [x, y] of points) path += `${path === "" ? "M" : "L"}${px(x)},${px(y)}`;
  return closed && path !== "" ? `${path}Z` : path;
}

/** A whole picture on white. */
export function svgDocument(width: number, height: number, title: string, parts: readonly string[]): string {
  const root: Attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    "font-family": `${fontFamily}, Verdana, sans-serif`,
  };
  const ground = element("rect", { width, height, fill: "#ffffff" });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("svg", root, element("title", {}, escapeXml(title)), ground, ...parts)}\n`;
}
