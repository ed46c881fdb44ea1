import type { Connect } from "../../driver.ts";
import { BrokerError } from "../../errors.ts";
export const connectRabbitmq: Connect = () => Promise.reject(new BrokerError("unsupported", "rabbitmq"));
