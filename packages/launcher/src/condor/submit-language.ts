/** A dollar sign would be a macro of the submit description. */
const withoutMacros = (text: string): string => text.replaceAll("$", "$(DOLLAR)");

/** HTCondor's quoting within `"…"`: single quotes around what has white space or quotes, both kinds doubled. */
function quoted(word: string): string {
  const doubled = word.replaceAll('"', '""').replaceAll("'", "''");
  return withoutMacros(/[\s']/.test(word) || word === "" ? `'${doubled}'` : doubled);
}

/** The value of `arguments`. */
export const condorArguments = (words: readonly string[]): string => `"${words.map(quoted).join(" ")}"`;

/** The value of `environment`. */
export const condorEnvironment = (variables: Readonly<Record<string, string>>): string =>
  `"${Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(" ")}"`;

/** The value of a key that takes a path, or a list of them with commas between: `cannotBeListed` are refused before. */
export const condorPaths = (paths: readonly string[]): string => paths.map(withoutMacros).join(", ");

/** What no list of paths can hold. */
export const cannotBeListed = (path: string): boolean => /[,"\p{Cc}]/u.test(path) || path !== path.trim();

/** A string of a ClassAd. */
export const classAdString = (text: string): string => `"${withoutMacros(text.replaceAll("\\", "\\\\").replaceAll('"', '\\"'))}"`;
