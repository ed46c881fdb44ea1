import { settingTables } from "./environment.ts";

const shown = (value: unknown): string =>
  value === undefined ? "unset" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;

/** docs/configuration.md: every environment variable, from the tables that read them. */
export function configurationPage(): string {
  const parts = Object.entries(settingTables).map(([reader, table]) => {
    const rows = Object.values(table).map((setting) => {
      const name = setting.secret === true ? `\`${setting.env}\`, \`${setting.env}_FILE\`` : `\`${setting.env}\``;
      return `| ${name} | ${shown(setting.default)} | ${setting.kind.allowed} | ${setting.doc} |`;
    });
    const title = reader.charAt(0).toUpperCase() + reader.slice(1);
    return [`## ${title}`, "", "| variable | default | takes | |", "|---|---|---|---|", ...rows, ""].join("\n");
  });
  return [
    "# Configuration",
    "",
    "Flags beat the environment, the environment beats the defaults. Every command says its flags with `--help`. All problems are reported at",
    "once, with the name, the value and what is allowed (status 2). An empty variable counts as unset. A `SKYSCAN_*` variable that nobody reads",
    "gives a warning with the nearest name.",
    "",
    "Secrets can be given as `…_FILE`: the file's content, one trailing newline stripped, read anew at each connection; both set is an error.",
    "",
    "This page is made from the tables that read the environment (`node scripts/generate-configuration.mjs`).",
    "",
    ...parts,
  ].join("\n");
}
