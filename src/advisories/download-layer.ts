import type { Context } from '../core/index.js';
import type { Descriptor } from '../oci/index.js';
import { digestHex } from '../reference/index.js';
import { RegistryError, type RegistryClient, type Repository } from '../registry/index.js';
import { AdvisoryError } from './errors.js';
import { PartialFile } from './partial-file.js';

export interface LayerDownload {
  readonly client: RegistryClient;
  readonly repository: Repository;
  readonly layer: Descriptor;
  /** The folder of databases. */
  readonly folder: string;
  /** Name of the source, for people. */
  readonly name: string;
}

/** Errors after which bytes of an earlier download are no longer trusted. */
const distrusting: ReadonlySet<string> = new Set([
  'DIGEST_MISMATCH',
  'INVALID_ANSWER',
  'UNSUPPORTED',
  'LIMIT_EXCEEDED',
]);

/**
 * Downloads a layer into a file named after its digest, whichever process and repository the first bytes came from, and
 * checks the bytes that then lie there. What was left of an earlier download and is wrong is dropped once.
 * @returns the path of the file
 * @throws RegistryError, AdvisoryError `DOWNLOAD_FAILED`, `DATABASE_UNWRITABLE`; what is there stays for the next time
 */
export async function downloadLayer(ctx: Context, job: LayerDownload): Promise<string> {
  const file = await PartialFile.open(job.folder, digestHex(job.layer.digest));
  try {
    if (file.sizeBytes > job.layer.sizeBytes) await file.restart();
    if (file.sizeBytes > 0 && (await resume(ctx, job, file))) return file.path;
    await receive(ctx, job, file);
    if (!(await isRight(ctx, job, file))) {
      throw new AdvisoryError('DOWNLOAD_FAILED', `${job.name} gave other bytes than its digest says`, {
        hint: 'try again later, or use another repository',
      });
    }
    return file.path;
  } finally {
    await file.close();
  }
}

/** Goes on where an earlier download stopped; false, with an empty file, if that led nowhere. */
async function resume(ctx: Context, job: LayerDownload, file: PartialFile): Promise<boolean> {
  try {
    await receive(ctx, job, file);
    if (await isRight(ctx, job, file)) return true;
  } catch (thrown) {
    if (!(thrown instanceof RegistryError) || !distrusting.has(thrown.code)) throw thrown;
  }
  ctx.log('info', 'what an earlier download left does not fit; it begins again');
  await file.restart();
  return false;
}

async function receive(ctx: Context, job: LayerDownload, file: PartialFile): Promise<void> {
  const { client, repository, layer } = job;
  const start = file.sizeBytes;
  if (start === layer.sizeBytes) return;
  const tell = (): void =>
    ctx.progress?.({
      task: 'downloading the database',
      done: file.sizeBytes,
      total: layer.sizeBytes,
      unit: 'bytes',
    });
  tell();
  try {
    for await (const chunk of client.fetchBlob(ctx, repository, layer, { start })) {
      ctx.signal.throwIfAborted();
      await file.append(chunk);
      if (file.sizeBytes > layer.sizeBytes) throw new RegistryError('SIZE_MISMATCH', `${job.name} gave too many bytes`);
      tell();
    }
  } catch (thrown) {
    if (thrown instanceof RegistryError && thrown.code === 'DIGEST_MISMATCH') await file.restart();
    throw thrown;
  }
}

/** The digest of the bytes on the disk, because they may come from several processes. Wrong ones are dropped. */
async function isRight(ctx: Context, { layer }: LayerDownload, file: PartialFile): Promise<boolean> {
  const [algorithm = ''] = layer.digest.split(':', 1);
  const right = file.sizeBytes === layer.sizeBytes && (await file.hash(ctx, algorithm)) === digestHex(layer.digest);
  if (!right) await file.restart();
  return right;
}
