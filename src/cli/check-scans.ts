import type { Settings } from '../config/index.js';
import { isTidewaiterError, messageOf } from '../core/index.js';
import type { Decision, PolicySubject, ScanKnowledge, SubjectImage } from '../policy/index.js';
import { formatReference, InvalidReferenceError, parseReference } from '../reference/index.js';
import type { ScanRequest } from '../scan/index.js';
import { scanFactsOf } from '../subjects/index.js';
import type { CommandContext } from './command.js';
import { exitCodeOfError, exitCodes } from './exit-codes.js';
import { refreshDatabase } from './refresh-database.js';

export interface CheckScansOptions {
  readonly request: ScanRequest;
  readonly settings: Settings;
  readonly cacheDir: string | undefined;
  /** Nothing is scanned, because a rule needs it (`true`) or not. */
  readonly skip: 'not-needed' | 'not-wanted' | undefined;
}

/** Scans each image once, however many places name it. A scan that fails is knowledge too. */
export class CheckScans {
  readonly #context: CommandContext;
  readonly #options: CheckScansOptions;
  readonly #known = new Map<string, Promise<ScanKnowledge | undefined>>();
  #isRefreshed = false;

  constructor(context: CommandContext, options: CheckScansOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Of a name that is well formed. */
  ofName(text: string): Promise<ScanKnowledge | undefined> {
    return this.#once(formatReference(parseReference(text)), { reference: text });
  }

  ofArchive(path: string): Promise<ScanKnowledge | undefined> {
    return this.#once(`file ${path}`, { input: path });
  }

  #once(key: string, what: Pick<ScanRequest, 'input' | 'reference'>): Promise<ScanKnowledge | undefined> {
    const known = this.#known.get(key);
    if (known) return known;
    const scan = this.#scan(what);
    this.#known.set(key, scan);
    return scan;
  }

  async #scan(what: Pick<ScanRequest, 'input' | 'reference'>): Promise<ScanKnowledge | undefined> {
    const { skip, request } = this.#options;
    if (skip === 'not-needed') return undefined;
    if (skip === 'not-wanted') {
      return { state: 'missing', code: 'NOT_SCANNED', reason: 'it was not scanned (--no-scan)' };
    }
    try {
      await this.#refresh(what.reference);
      const { scanImage } = await import('../scan/index.js');
      return { state: 'scanned', facts: scanFactsOf(await scanImage(this.#context, { ...request, ...what })) };
    } catch (error) {
      if (this.#context.signal.aborted || isForAll(error)) throw error;
      const hint = isTidewaiterError(error) && error.hint !== undefined ? ` (${error.hint})` : '';
      return { state: 'missing', code: 'SCAN_FAILED', reason: `the scan failed: ${oneLine(messageOf(error))}${hint}` };
    }
  }

  async #refresh(reference: string | undefined): Promise<void> {
    if (this.#isRefreshed) return;
    this.#isRefreshed = true;
    const { settings, cacheDir, request } = this.#options;
    const registry = reference === undefined ? undefined : request.registry;
    await refreshDatabase(this.#context, { settings, cacheDir, reference, registry });
  }
}

/** The same subject with what is known of the content of its one image. */
export function withScan(subject: PolicySubject, scan: ScanKnowledge | undefined): PolicySubject {
  return { ...subject, images: subject.images.map((image) => ({ ...image, scan })) };
}

/**
 * Scans the images that have a name, unless the decision over names alone denies one: no registry is asked that the policy
 * does not let in.
 */
export async function scanNames(
  subject: PolicySubject,
  { reasons }: Decision,
  scans: CheckScans,
): Promise<PolicySubject> {
  const denied = new Set(reasons.flatMap(({ check, image }) => (check === 'incomplete' ? [] : (image ?? []))));
  const images: SubjectImage[] = [];
  for (const image of subject.images) {
    const isWanted = image.scan === undefined && image.nameless !== true && !denied.has(image.text);
    images.push(isWanted && isImageName(image.text) ? { ...image, scan: await scans.ofName(image.text) } : image);
  }
  return { ...subject, images };
}

/** Is a text the name of an image? */
export function isImageName(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch (error) {
    if (error instanceof InvalidReferenceError) return false;
    throw error;
  }
}

/** A message that lists each place on a line of its own, as one sentence. */
function oneLine(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .join('; ')
    .replaceAll(':; ', ': ');
}

/** Wrong settings are wrong for every image; that one image is not there is not. */
function isForAll(error: unknown): boolean {
  if (exitCodeOfError(error) !== exitCodes.usage || !isTidewaiterError(error)) return false;
  return !['PLATFORM_NOT_FOUND', 'IMAGE_NOT_FOUND', 'MULTIPLE_IMAGES'].includes(error.code);
}
