export { dataDirectory, dataMissing, dataPath, repositoryPath, required, skipReason, toolsDirectory } from "./data.ts";
