// Boots the Pulsar of the tests once, for the archive of its classes that their boots then take. Needs the built packages.
import { archivePulsarClasses } from "../packages/testing/dist/index.js";

await archivePulsarClasses();
