export { dataDirectory, dataMissing, dataPath, repositoryPath, required, skipReason, toolsDirectory } from "./data.ts";
export { freePort, freePorts } from "./ports.ts";
export { rabbitmqMissing, startRabbitmq } from "./rabbitmq.ts";
export type { Rabbitmq, RabbitmqOptions, Rights } from "./rabbitmq.ts";
export { startTcpProxy } from "./tcp-proxy.ts";
export type { TcpProxy } from "./tcp-proxy.ts";
export { endAllSkyscan, eventually, readJson, runSkyscan, startSkyscan, temporaryDirectory } from "./skyscan-process.ts";
export type { SkyscanEnd, SkyscanOptions, SkyscanProcess } from "./skyscan-process.ts";
