/* Header cards of FITS 4.0 (sections 4.1, 4.2), long strings by CONTINUE (4.2.1.2), long keywords by the HIERARCH convention. */

/** A floating point value, to tell 5.0 from the integer 5. */
export interface FitsFloat {
  readonly float: number;
}

/** A keyword, its value and what it means. An undefined value, or a float that is not finite, leaves the card out. */
export type FitsCard = readonly [
  keyword: string,
  value: string | boolean | number | FitsFloat | undefined,
  comment?: string | undefined,
];

const CARD = 80;
export const BLOCK = 2880;

/** FITS knows printable ASCII only. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?");
const quoted = (text: string): string => `'${text.replaceAll("'", "''").padEnd(8)}'`;

function floatText(value: number): string {
  const text = String(value).toUpperCase();
  if (text.includes(".")) return text;
  return text.includes("E") ? text.replace("E", ".0E") : `${text}.0`;
}

function valueText(value: string | boolean | number | FitsFloat): string {
  if (typeof value === "string") return quoted(printable(value).trimEnd());
  if (typeof value === "boolean") return (value ? "T" : "F").padStart(20);
  return (typeof value === "number" ? String(value) : floatText(value.float)).padStart(20);
}

/** Pieces of a string that, quoted, fit the space there is, none ending between the two halves of a doubled quote. */
function pieces(text: string, space: number): string[] {
  const all: string[] = [];
  let piece = "";
  let length = 0;
  for (const character of text) {
    const width = character === "'" ? 2 : 1;
    if (length + width > space) {
      all.push(piece);
      piece = "";
      length = 0;
    }
    piece += character;
    length += width;
  }
  return [...all, piece];
}

function cardTexts([keyword, value, comment]: FitsCard): string[] {
  if (value === undefined || (typeof value === "object" && !Number.isFinite(value.float))) return [];
  const head = keyword.length <= 8 ? `${keyword.padEnd(8)}= ` : `HIERARCH ${keyword} = `;
  const text = head + (keyword.length <= 8 ? valueText(value) : valueText(value).trimStart());
  if (text.length <= CARD) {
    const whole = comment === undefined ? text : `${text.padEnd(30)} / ${printable(comment)}`;
    return [(whole.length <= CARD ? whole : `${text.padEnd(30)} / ${printable(comment!)}`.slice(0, CARD)).padEnd(CARD)];
  }
  if (typeof value !== "string" || keyword.length > 8)
    throw new RangeError(`FITS keyword ${keyword}: its value does not fit a card`);
  const parts = pieces(printable(value).trimEnd(), CARD - 10 - 3);
  return parts.map((part, k) => {
    const open = k < parts.length - 1 ? `${part}&` : part;
    return `${k === 0 ? head : "CONTINUE  "}'${open.replaceAll("'", "''")}'`.padEnd(CARD);
  });
}

/** A header, padded to whole blocks. @throws RangeError for a number or long keyword whose value does not fit a card */
export function encodeFitsHeader(cards: readonly FitsCard[]): Uint8Array {
  const text = [...cards.flatMap(cardTexts), "END".padEnd(CARD)].join("");
  return Buffer.from(text.padEnd(Math.ceil(text.length / BLOCK) * BLOCK), "latin1");
}
