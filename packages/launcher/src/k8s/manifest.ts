import { maxRetries, statusesMeaning } from "../exit-policy.ts";
import { clientWords } from "../request.ts";
import type { FleetRequest } from "../request.ts";
import { shellQuoted } from "../shell-words.ts";

export const manifestName = "job.yaml";

/** Where a pod finds what it is given. */
const startupDirectory = "/run/skyscan/startup";
const filesDirectory = "/run/skyscan/files";

/** Job, ConfigMap and Secret have one name. */
export const fleetName = ({ started }: Pick<FleetRequest, "started">): string =>
  `skyscan-${started.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;

/** By which the Job and its pods are found. */
export const fleetLabel = "app.kubernetes.io/instance";

/** The keys of the ConfigMap, in the order of the startup files. */
export const startupKeys = ({ startup }: Pick<FleetRequest, "startup">): readonly string[] =>
  startup.map((_, index) => `client-startup-${index}.json`);

/** JSON is YAML. */
const scalar = (value: string): string => JSON.stringify(value);
/** In words and variables of a container, `$(NAME)` would be replaced. */
const literal = (value: string): string => scalar(value.replaceAll("$", "$$$$"));

/** Labels that a node must have: `KEY=VALUE,KEY=VALUE`. Undefined for what is none. */
export function nodeLabels(requirements: string): readonly (readonly [string, string])[] | undefined {
  const pairs = requirements.split(",").map((pair) => /^\s*([\w./-]+)=([\w.-]*)\s*$/.exec(pair));
  return pairs.some((pair) => pair === null) ? undefined : pairs.map((pair) => [pair![1]!, pair![2]!] as const);
}

/**
 * The Job: readable and without secrets. An index is a client; pods are not restarted but replaced, so that the policy sees how each ended.
 * Needs Kubernetes 1.29 or newer (`backoffLimitPerIndex`).
 */
export function jobManifest(request: FleetRequest): string {
  const name = fleetName(request);
  const { jobs, timeLimitSec, environmentFiles, requirements } = request;
  const hasFiles = Object.keys(environmentFiles).length > 0;
  const unsuccessful = [...statusesMeaning("done").filter((status) => status !== 0), ...statusesMeaning("never")].sort(
    (a, b) => a - b,
  );
  return `# ${jobs} clients of ${request.scanIds.join(", ")}; made by skyscan start-clients, ${request.started}.
# No secret is in here. By hand, in the directory of this file:
${byHand(request)
  .map((line) => `#   ${line}\n`)
  .join("")}apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  labels:
    app.kubernetes.io/name: skyscan-client
    ${fleetLabel}: ${name}
spec:
  completionMode: Indexed
  completions: ${jobs}
  parallelism: ${jobs}
  # What became of the clients is told for a day; then all of this goes.
  ttlSecondsAfterFinished: 86400
${timeLimitSec === undefined ? "" : `  # --time-limit: of all clients together, from the start of the first.\n  activeDeadlineSeconds: ${timeLimitSec}\n`}  # By chance (${statusesMeaning("again").join(", ")}, killed), or on a node that is no good (${statusesMeaning("elsewhere").join(", ")}): started again, after longer and longer waits.
  backoffLimitPerIndex: ${maxRetries}
  podFailurePolicy:
    rules:
      # Evicted, or its node is drained: does not count.
      - action: Ignore
        onPodConditions:
          - type: DisruptionTarget
            status: "True"
      # Done without a scan that ended (${statusesMeaning("done").join(", ")}), or to be mended by you (${statusesMeaning("never").join(", ")}): not started again.
      - action: FailIndex
        onExitCodes:
          containerName: client
          operator: In
          values: [${unsuccessful.join(", ")}]
  template:
    metadata:
      labels:
        app.kubernetes.io/name: skyscan-client
        ${fleetLabel}: ${name}
    spec:
      # The policy above wants it so.
      restartPolicy: Never
      # A client that is told to leave hands back what it holds.
      terminationGracePeriodSeconds: 30
      automountServiceAccountToken: false
      enableServiceLinks: false
${selector(requirements)}      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        # Who may read the files of the Secret.
        fsGroup: 10001
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: client
          image: ${scalar(request.image!)}
          command: [${commandOf(request).map(scalar).join(", ")}]
          args:
${clientWords(
  request,
  startupKeys(request).map((key) => `${startupDirectory}/${key}`),
)
  .map((word) => `            - ${literal(word)}\n`)
  .join("")}          workingDir: /work
${variables(request)}          resources:
            requests:
              cpu: ${request.cpus}
              memory: ${request.memoryMib}Mi
              ephemeral-storage: ${request.diskMib}Mi
            limits:
              memory: ${request.memoryMib}Mi
              ephemeral-storage: ${request.diskMib}Mi
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          volumeMounts:
            - name: startup
              mountPath: ${startupDirectory}
              readOnly: true
${hasFiles ? `            - name: files\n              mountPath: ${filesDirectory}\n              readOnly: true\n` : ""}            - name: scratch
              mountPath: /tmp
              subPath: tmp
            - name: scratch
              mountPath: /work
              subPath: work
            - name: shm
              mountPath: /dev/shm
      volumes:
        - name: startup
          configMap:
            name: ${name}
${hasFiles ? `        # The broker's token, and certificates.\n        - name: files\n          secret:\n            secretName: ${name}\n            # 0440\n            defaultMode: 288\n` : ""}        - name: scratch
          emptyDir:
            sizeLimit: ${request.diskMib}Mi
        # Some of IceTray's recos want more than the usual 64 MB. Counts as memory.
        - name: shm
          emptyDir:
            medium: Memory
`;
}

function commandOf({ program }: FleetRequest): readonly string[] {
  if (program.kind !== "installed") throw new Error("a pod's image has the program");
  return program.command;
}

/** What `start-clients` does. */
function byHand(request: FleetRequest): readonly string[] {
  const name = fleetName(request);
  const from = (key: string, path: string): string => ` --from-file=${key}=${shellQuoted(path)}`;
  const keys = startupKeys(request);
  const files = Object.entries(request.environmentFiles);
  return [
    `kubectl create configmap ${name}${request.startup.map(({ path }, index) => from(keys[index]!, path)).join("")}`,
    ...(files.length === 0
      ? []
      : [`kubectl create secret generic ${name}${files.map(([key, path]) => from(key, path)).join("")}`]),
    `kubectl create -f ${manifestName}`,
  ];
}

function selector(requirements: string | undefined): string {
  const labels = requirements === undefined ? [] : (nodeLabels(requirements) ?? []);
  if (labels.length === 0) return "";
  return `      nodeSelector:\n${labels.map(([key, value]) => `        ${key}: ${scalar(value)}\n`).join("")}`;
}

function variables({ environment, environmentFiles }: FleetRequest): string {
  const all = [
    ...Object.entries(environment),
    ...Object.keys(environmentFiles).map((name) => [name, `${filesDirectory}/${name}`] as const),
  ];
  if (all.length === 0) return "";
  return `          env:\n${all.map(([name, value]) => `            - name: ${name}\n              value: ${literal(value)}\n`).join("")}`;
}
