/** `--reco-option NAME=VALUE …` as an object; what has no name is added to `problems`. */
export function parseOptionWords(words: readonly string[], problems: string[]): Readonly<Record<string, string>> {
  const options: Record<string, string> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) problems.push(`--reco-option ${word} is not allowed: it takes NAME=VALUE`);
    else options[word.slice(0, at)] = word.slice(at + 1);
  }
  return options;
}
