/** Deepest nesting that is read; what the house writes has less than ten. */
const maxDepth = 64;

/**
 * `JSON.parse` for what others wrote: text nested deeper than 64 is refused, since whoever walks or writes such a value runs out of stack.
 * @throws SyntaxError
 */
export function parseForeignJson(text: string): unknown {
  // So deep takes at least so much text.
  if (text.length > 2 * maxDepth && depthOf(text) > maxDepth) throw new SyntaxError(`nested more than ${maxDepth} deep`);
  return JSON.parse(text) as unknown;
}

const quote = 0x22;
const backslash = 0x5c;

/** Deepest nesting of lists and objects; of what is no JSON, anything. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === quote) {
      at = endOfString(text, at);
    } else if (character === 0x5b || character === 0x7b) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return deepest;
}

/** Where the quote is that ends the string which begins at `start`; the end of the text when none does. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (text.charCodeAt(before - 1) === backslash) before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
  return text.length;
}
