import type { TestAlarm, TestBroker } from "./test-broker.ts";

/** What the launchers of both versions have in common. */
interface Rabbit extends Pick<TestBroker, "port" | "kill9" | "restart" | "wipe" | "freeze" | "thaw" | "stop"> {
  readonly url: string;
  readonly ctl: (...args: readonly string[]) => Promise<string>;
}

/** Queues and exchanges, and connections of whomever, as texts. */
const inBroker = `[rabbit_misc:rs(Name) || Name <- rabbit_amqqueue:list_names() ++ rabbit_exchange:list_names()]
  ++ [<<"connection ", Name/binary>> || [{name, Name}] <- rabbit_networking:connection_info_all([name])].`;

export function brokerOfRabbitmq(rabbit: Rabbit): TestBroker {
  const { url, ctl } = rabbit;
  const alarm = (command: string, raised: string, cleared: string): TestAlarm => ({
    raise: () => ctl(command, raised),
    clear: () => ctl(command, cleared),
  });
  return {
    ...rabbit,
    client: "rabbitmq",
    address: url,
    env: ({ port = rabbit.port, heartbeatSec } = {}) => ({
      SKYSCAN_BROKER_CLIENT: "rabbitmq",
      SKYSCAN_BROKER_ADDRESS: url.replace(/:\d+$/, `:${port}`),
      ...(heartbeatSec !== undefined && { RABBITMQ_HEARTBEAT: String(heartbeatSec) }),
    }),
    version: async () => (await ctl("version")).trim(),
    async inventory() {
      const texts = [...(await ctl("eval", inBroker)).matchAll(/"([^"]*)"/g)].map(([, text]) => text!);
      const isConnection = (text: string): boolean => text.startsWith("connection ");
      return {
        names: texts.filter((text) => !isConnection(text)),
        connections: texts.filter(isConnection).map((text) => text.replace("connection ", "")),
      };
    },
    alarms: [
      alarm("set_vm_memory_high_watermark", "0.0000001", "0.6"),
      alarm("set_disk_free_limit", "999999999999999", "50000000"),
    ],
  };
}
