/** `--gcd-dir`, of every command that reads an event for a reco. */
export const gcdDirFlag = {
  alias: "g",
  type: "string",
  default: "/opt/i3-data/baseline_gcds",
  describe: "baseline GCD files, for recos that need them",
} as const;
