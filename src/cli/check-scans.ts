import type { Settings } from '../config/index.js';
import { isTidewaiterError, messageOf } from '../core/index.js';
import type { ScanKnowledge } from '../policy/index.js';
import { formatReference, parseReference } from '../reference/index.js';
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
      return { state: 'missing', code: 'SCAN_FAILED', reason: `the scan failed: ${messageOf(error)}${hint}` };
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

/** Wrong settings are wrong for every image; that one image is not there is not. */
function isForAll(error: unknown): boolean {
  if (exitCodeOfError(error) !== exitCodes.usage || !isTidewaiterError(error)) return false;
  return !['PLATFORM_NOT_FOUND', 'IMAGE_NOT_FOUND', 'MULTIPLE_IMAGES'].includes(error.code);
}
