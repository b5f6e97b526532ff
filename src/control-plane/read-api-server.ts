import type { ApiServer } from './api-server.js';
import { looksLikeUnit, readCommandLine, readK3sConfig, readSystemdUnit } from './command-files.js';
import type { FaultList } from './fault.js';
import { looksLikeManifest, readStaticPod } from './static-pod.js';

/** Reads whatever says how the API server is started: a static pod's manifest, a unit, a k3s configuration, a command line. */
export function readApiServer(text: string, file: string, faults: FaultList): ApiServer | undefined {
  if (looksLikeUnit(text)) return readSystemdUnit(text, file, faults);
  if (/^\s*["']?kube-apiserver-arg\+?["']?\s*:/m.test(text)) return readK3sConfig(text, file, faults);
  if (looksLikeManifest(text)) return readStaticPod(text, file, faults);
  return readCommandLine(text, file, faults);
}
