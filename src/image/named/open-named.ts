import { isTidewaiterError, TidewaiterError, type Context } from '../../core/index.js';
import { InvalidReferenceError, parseReference } from '../../reference/index.js';
import { ImageError } from '../errors.js';
import type { OpenedImages } from '../image.js';
import type { NamedImage, NamedSource } from './named-source.js';

export type NamedSourceId = NamedSource['id'];

/** Every place where a named image may be, in the order in which they are asked. */
export const namedSources: readonly NamedSourceId[] = ['docker', 'containerd', 'podman', 'remote'];

export interface OpenNamedOptions extends NamedImage {
  /** Where to look, in this order; default: `namedSources`. */
  readonly sources?: readonly NamedSourceId[] | undefined;
  /** Ask nobody: only files of this machine are looked at. */
  readonly offline?: boolean | undefined;
}

/** Loaded when they are asked: whoever reads an archive loads none of them. */
const loaders: Readonly<Record<NamedSourceId, () => Promise<NamedSource>>> = {
  docker: async () => (await import('./docker.js')).docker,
  containerd: async () => (await import('./containerd.js')).containerd,
  podman: async () => (await import('./podman.js')).podman,
  remote: async () => (await import('./remote.js')).remote,
};

/** For its errors: not before they are needed. */
const loadRegistry = async () => await import('../../registry/index.js');

/** Why a source did not give the image. */
interface Refusal {
  readonly id: NamedSourceId;
  readonly title: string;
  readonly error: TidewaiterError;
}

/**
 * The image of a name from the first place that has it. A place that is not there or has no such image is passed over,
 * and one whose copy is damaged too, with a warning.
 * @throws InvalidReferenceError for a text that is no name. When nothing has the image, one error that names each place
 *   and why: with the registry's own code if one was asked, else with that of the last place that had something to say
 *   about the image, else ImageError `IMAGE_UNAVAILABLE`. With a single place, its own error.
 */
export async function openNamedImage(context: Context, options: OpenNamedOptions): Promise<OpenedImages> {
  const { reference, sources = namedSources, offline = false } = options;
  const isId = isImageId(reference);
  if (!isId) parseReference(reference);
  else if (sources.every((id) => id === 'remote')) throw idInRegistry(reference);
  const refusals: Refusal[] = [];
  const places = [...new Set(sources)];
  for (const id of places) {
    const refused = await reasonNotToAsk(id, { isId, offline });
    if (refused) {
      refusals.push({ id, title: id, error: refused });
      continue;
    }
    let title: string = id;
    try {
      const source = await loaders[id]();
      title = source.title;
      const opened = await source.open(context, options);
      context.log('debug', `${reference} comes from ${source.title}`);
      return opened;
    } catch (thrown) {
      context.signal.throwIfAborted();
      if (!isTidewaiterError(thrown)) throw thrown;
      refusals.push({ id, title, error: thrown });
      const isLast = id === places.at(-1);
      if (!isLast && id !== 'remote' && isDamage(thrown))
        context.log('warn', `${lineOf(title, thrown.message)}; looking on`);
      else context.log('debug', lineOf(title, thrown.message));
    }
  }
  throw await explain(reference, refusals);
}

/** An id is the digest of a config: places on this machine find images by it, and no registry does. */
function isImageId(text: string): boolean {
  return /^(?:[0-9a-f]{64}|sha256:[0-9a-f]{7,64})$/.test(text);
}

function idInRegistry(reference: string): InvalidReferenceError {
  return new InvalidReferenceError(reference, {
    code: 'HEX_NAME',
    offset: 0,
    rule: 'it is an image id, which no registry can be asked for',
    hint: 'give the name of the image, or name@sha256:digest',
  });
}

async function reasonNotToAsk(
  id: NamedSourceId,
  { isId, offline }: { readonly isId: boolean; readonly offline: boolean },
): Promise<TidewaiterError | undefined> {
  if (id === 'remote' && isId) {
    return new ImageError('IMAGE_UNAVAILABLE', 'not asked: an image id names nothing in a registry', {
      hint: 'give the name of the image, or name@sha256:digest',
    });
  }
  if (!offline || id === 'containerd') return undefined;
  const message = 'not asked: connections are forbidden (--offline)';
  const hint = 'leave --offline out, or give an archive with --input';
  if (id !== 'remote') return new ImageError('SOURCE_UNAVAILABLE', message, { hint });
  const { RegistryError } = await loadRegistry();
  return new RegistryError('OFFLINE', message, { hint });
}

/** The place has the image, and it is not what it should be. */
function isDamage({ code }: TidewaiterError): boolean {
  const notThere: readonly string[] = ['SOURCE_UNAVAILABLE', 'IMAGE_UNAVAILABLE', 'PLATFORM_NOT_FOUND'];
  return !notThere.includes(code);
}

async function explain(reference: string, refusals: readonly Refusal[]): Promise<TidewaiterError> {
  const [only, ...others] = refusals;
  if (only && others.length === 0) return only.error;
  const lines = refusals.map(({ title, error }) => lineOf(title, error.message));
  const message = [`no image ${reference} could be had from anywhere:`, ...lines].join('\n');
  const asked = refusals.find(({ id, error }) => id === 'remote' && isAnswer(error));
  const telling = asked ?? refusals.findLast(({ id, error }) => id !== 'remote' && isAnswer(error));
  if (!telling) {
    return new ImageError('IMAGE_UNAVAILABLE', message, {
      hint: 'check the name, pull the image, or save it and use --input FILE',
    });
  }
  return await sameKind(telling.error, message);
}

/** One line that begins with who says it. */
function lineOf(title: string, message: string): string {
  const sentence = message.replaceAll('\n', ' ');
  return sentence.toLowerCase().startsWith(title.toLowerCase()) ? sentence : `${title}: ${sentence}`;
}

/** It says something about the image, not only that nobody was asked or nothing is there. */
function isAnswer({ code }: TidewaiterError): boolean {
  return code !== 'SOURCE_UNAVAILABLE' && code !== 'IMAGE_UNAVAILABLE' && code !== 'OFFLINE';
}

/** An error with more words, and the class and code of the one that caused it. */
async function sameKind(error: TidewaiterError, message: string): Promise<TidewaiterError> {
  const { hint } = error;
  const { RegistryError } = await loadRegistry();
  if (error instanceof RegistryError) {
    return new RegistryError(error.code, message, { hint, cause: error, status: error.status });
  }
  if (error instanceof ImageError) return new ImageError(error.code, message, { hint, cause: error });
  return new TidewaiterError(error.code, message, { hint, cause: error });
}
