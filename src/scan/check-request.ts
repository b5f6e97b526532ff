import { messageOf } from '../core/index.js';
import { distributionOf } from '../ecosystems/index.js';
import { severities, statuses } from '../findings/index.js';
import { namedSources } from '../image/index.js';
import { createLayerCatalog } from '../packages/index.js';
import { ScanError } from './errors.js';
import type { ScanRequest } from './scan-request.js';

/** What is wrong with a value, as the rest of a sentence that begins with its name. */
type Check = (value: unknown) => string | undefined;

/**
 * Holds what came from outside against the form of a request, so that a slip of those who write no TypeScript is an
 * error and never a setting that is passed over.
 * @throws ScanError `INVALID_REQUEST`.
 */
export function checkRequest(request: unknown): asserts request is ScanRequest {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw invalid('the request of a scan must be an object', 'call scanImage({ input: "image.tar" })');
  }
  const members = Object.entries(request);
  if (!members.some(([name, value]) => (name === 'input' || name === 'reference') && value !== undefined)) {
    throw invalid(
      'the request of a scan names no input and no reference',
      'call scanImage({ input: "image.tar" }) or scanImage({ reference: "nginx:1.18.0" })',
    );
  }
  for (const [name, value] of members) {
    if (!Object.hasOwn(checks, name)) {
      throw invalid(`a scan has no setting ${JSON.stringify(name.slice(0, 60))}`, `there are ${names.join(', ')}`);
    }
    if (value === undefined) continue;
    const wrong = checks[name as keyof ScanRequest](value);
    if (wrong !== undefined) throw invalid(`${name} ${wrong}`, 'see the type ScanRequest');
  }
}

function invalid(sentence: string, hint: string): ScanError {
  return new ScanError('INVALID_REQUEST', sentence, { hint });
}

const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be a text');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');

const atLeast =
  (least: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= least ? undefined : `must be a whole number, ${least} or more`;

const oneOf =
  (allowed: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && allowed.includes(value) ? undefined : `must be one of ${allowed.join(', ')}`;

const listOf =
  (item: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    const wrong = value.map(item).find((each) => each !== undefined);
    return wrong === undefined ? undefined : `has an element that ${wrong}`;
  };

const glob: Check = (value) => {
  const wrong = text(value);
  if (wrong !== undefined) return wrong;
  try {
    createLayerCatalog({ kinds: { language: false }, skipFiles: [String(value)] });
    return undefined;
  } catch (error) {
    return `is wrong: ${messageOf(error)}`;
  }
};

const distro: Check = (value) => {
  const isPair = typeof value === 'object' && value !== null && 'family' in value && 'name' in value;
  if (!isPair || text(value.family) !== undefined || text(value.name) !== undefined)
    return 'must have a family and a name, such as { family: "alpine", name: "3.11" }';
  return distributionOf(String(value.family)) ? undefined : 'names a distribution that is not known';
};

const record: Check = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'must be an object';

const callback: Check = (value) => (typeof value === 'function' ? undefined : 'must be a function');

const checks: Readonly<Record<keyof ScanRequest, Check>> = {
  input: text,
  reference: text,
  imageSources: listOf(oneOf(namedSources)),
  dockerHost: text,
  podmanHost: text,
  registry: record,
  environment: record,
  platform: text,
  cacheDir: text,
  keepDocuments: (value) => (value === 'only' ? undefined : flag(value)),
  onNotKept: callback,
  cacheBackend: oneOf(['fs', 'memory']),
  databasePath: text,
  packageTypes: listOf(oneOf(['os', 'library'])),
  packageRelationships: listOf(oneOf(['unknown', 'root', 'workspace', 'direct', 'indirect'])),
  skipDirs: listOf(glob),
  skipFiles: listOf(glob),
  distro,
  detectionPriority: oneOf(['precise', 'comprehensive']),
  severitySources: listOf(text),
  severities: listOf(oneOf(severities)),
  ignoreUnfixed: flag,
  ignoreStatuses: listOf(oneOf(statuses)),
  exceptions: (value) =>
    typeof value === 'object' && value !== null ? undefined : 'must be what parseIgnoreFile made',
  failOnFindings: flag,
  failOnEndOfLife: flag,
  allowIncomplete: flag,
  onDraft: callback,
  parallel: atLeast(0),
  maxImageBytes: atLeast(1),
};

const names = Object.keys(checks);
