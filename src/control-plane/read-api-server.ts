import type { ApiServer } from './api-server.js';
import { readCommandLine, readK3sConfig, readSystemdUnit } from './command-files.js';
import type { FaultList } from './fault.js';
import type { SetupPieces } from './setup-pieces.js';
import { looksLikeManifest, readStaticPod } from './static-pod.js';
import { looksLikeUnit } from './unit-settings.js';

/**
 * Reads whatever says how the API server is started: a static pod's manifest, a unit, a k3s configuration, a command line.
 * @param pieces what other files add to it
 */
export function readApiServer(
  text: string,
  file: string,
  faults: FaultList,
  pieces?: SetupPieces,
): ApiServer | undefined {
  if (looksLikeUnit(text)) return readSystemdUnit(text, file, faults, pieces);
  if (passesArguments(text) || pieces?.dropIns.some((piece) => passesArguments(piece.text)) === true) {
    return readK3sConfig(text, file, faults, pieces);
  }
  // A configuration of k3s that leaves the arguments to its unit.
  if (pieces?.unit !== undefined) return readK3sConfig(text, file, faults, pieces);
  if (looksLikeManifest(text)) return readStaticPod(text, file, faults);
  return readCommandLine(text, file, faults);
}

function passesArguments(text: string): boolean {
  return /^\s*["']?kube-apiserver-arg\+?["']?\s*:/m.test(text);
}
