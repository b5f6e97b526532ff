import { asArray, type JsonObject } from '../../formats/index.js';
import { ShapeChecker, type Place, type ShapeProblem } from './shape.js';

const profile: Place = {
  name: 'a profile',
  fields: { type: 'text', localhostProfile: 'text' },
  guards: 'type localhostProfile',
};
const seLinux: Place = {
  name: 'seLinuxOptions',
  fields: { level: 'text', role: 'text', type: 'text', user: 'text' },
};
const windows: Place = {
  name: 'windowsOptions',
  fields: { hostProcess: 'boolean', runAsUserName: 'text', gmsaCredentialSpec: 'text', gmsaCredentialSpecName: 'text' },
  guards: 'hostProcess runAsUserName',
};
const containerSecurity: Place = {
  name: "a container's securityContext",
  fields: {
    privileged: 'boolean',
    allowPrivilegeEscalation: 'boolean',
    readOnlyRootFilesystem: 'boolean',
    runAsNonRoot: 'boolean',
    runAsUser: 'integer',
    runAsGroup: 'integer',
    procMount: 'text',
    capabilities: { name: 'capabilities', fields: { add: 'texts', drop: 'texts' }, guards: 'add drop' },
    seccompProfile: profile,
    appArmorProfile: profile,
    seLinuxOptions: seLinux,
    windowsOptions: windows,
  },
  guards:
    'privileged allowPrivilegeEscalation readOnlyRootFilesystem runAsNonRoot runAsUser runAsGroup procMount capabilities seccompProfile appArmorProfile seLinuxOptions windowsOptions',
};
const podSecurity: Place = {
  name: "the pod's securityContext",
  fields: {
    runAsNonRoot: 'boolean',
    runAsUser: 'integer',
    runAsGroup: 'integer',
    fsGroup: 'integer',
    fsGroupChangePolicy: 'text',
    supplementalGroupsPolicy: 'text',
    seLinuxChangePolicy: 'text',
    supplementalGroups: 'list',
    sysctls: [{ name: 'a sysctl', fields: { name: 'text', value: 'text' } }],
    seccompProfile: profile,
    appArmorProfile: profile,
    seLinuxOptions: seLinux,
    windowsOptions: windows,
  },
  guards:
    'runAsNonRoot runAsUser runAsGroup fsGroup fsGroupChangePolicy supplementalGroupsPolicy seLinuxChangePolicy supplementalGroups sysctls seccompProfile appArmorProfile seLinuxOptions windowsOptions',
};
const valueSource: Place = {
  name: 'valueFrom',
  fields: { secretKeyRef: 'mapping', configMapKeyRef: 'mapping' },
  others: 'fieldRef resourceFieldRef fileKeyRef',
};
const source: Place = { name: 'a source', fields: { secretRef: 'mapping', configMapRef: 'mapping' }, others: 'prefix' };
const container: Place = {
  name: 'a container',
  fields: {
    name: 'text',
    image: 'text',
    imagePullPolicy: 'text',
    command: 'texts',
    args: 'texts',
    securityContext: containerSecurity,
    resources: { name: 'resources', fields: { limits: 'mapping', requests: 'mapping' }, others: 'claims' },
    env: [{ name: 'a variable', fields: { name: 'text', value: 'text', valueFrom: valueSource } }],
    envFrom: [source],
    ports: [
      { name: 'a port', fields: { hostPort: 'integer', containerPort: 'integer' }, others: 'hostIP name protocol' },
    ],
    volumeMounts: [
      {
        name: 'a mount',
        fields: { name: 'text', mountPath: 'text', readOnly: 'boolean', subPath: 'text', mountPropagation: 'text' },
        others: 'subPathExpr recursiveReadOnly',
      },
    ],
    livenessProbe: 'mapping',
    readinessProbe: 'mapping',
    startupProbe: 'mapping',
  },
  others:
    'lifecycle resizePolicy restartPolicy restartPolicyRules stdin stdinOnce targetContainerName terminationMessagePath terminationMessagePolicy tty volumeDevices workingDir',
  guards: 'securityContext',
};
const volume: Place = {
  name: 'a volume',
  fields: {
    name: 'text',
    hostPath: { name: 'hostPath', fields: { path: 'text', type: 'text' } },
    emptyDir: { name: 'emptyDir', fields: { medium: 'text' }, others: 'sizeLimit' },
  },
  others:
    'awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI ephemeral fc flexVolume flocker gcePersistentDisk gitRepo glusterfs image iscsi nfs persistentVolumeClaim photonPersistentDisk portworxVolume projected quobyte rbd scaleIO secret storageos vsphereVolume',
};
const podSpec: Place = {
  name: 'the pod spec',
  fields: {
    hostNetwork: 'boolean',
    hostPID: 'boolean',
    hostIPC: 'boolean',
    hostUsers: 'boolean',
    shareProcessNamespace: 'boolean',
    automountServiceAccountToken: 'boolean',
    serviceAccountName: 'text',
    serviceAccount: 'text',
    securityContext: podSecurity,
    containers: [container],
    initContainers: [container],
    ephemeralContainers: [container],
    volumes: [volume],
    hostAliases: 'list',
    tolerations: 'list',
    os: { name: 'os', fields: { name: 'text' } },
    nodeName: 'text',
    restartPolicy: 'text',
    terminationGracePeriodSeconds: 'integer',
  },
  others:
    'activeDeadlineSeconds affinity dnsConfig dnsPolicy enableServiceLinks hostname hostnameOverride imagePullSecrets nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates resourceClaims resources runtimeClassName schedulerName schedulingGates setHostnameAsFQDN subdomain topologySpreadConstraints workloadRef',
  guards: 'automountServiceAccountToken hostIPC hostNetwork hostPID hostUsers securityContext',
};

const checker = new ShapeChecker(podSpec, [containerSecurity, podSecurity, podSpec]);

/** The problems of a pod spec, in the order of its fields; a part of one need not have containers. */
export function podShapeProblems(spec: JsonObject, isPart = false): readonly ShapeProblem[] {
  const problems = checker.check(spec);
  if (isPart) return problems;
  const containers = asArray(spec.containers);
  const isMissing = containers ? containers.length === 0 : spec.containers === undefined || spec.containers === null;
  if (!isMissing) return problems;
  return [...problems, { problem: 'type', path: ['containers'], wanted: 'a list of at least one container' }];
}
