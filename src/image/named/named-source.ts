import type { Cache } from '../../cache/index.js';
import type { Context } from '../../core/index.js';
import type { Platform } from '../../reference/index.js';
import type { RegistryClient } from '../../registry/index.js';
import type { OpenedImages } from '../image.js';

/** A place that keeps images under names: a service on this machine, its files, a registry. */
export interface NamedSource {
  readonly id: 'docker' | 'containerd' | 'podman' | 'remote';
  /** In words, for messages: `Docker`, `the registry`. */
  readonly title: string;
  /**
   * The image of a name (of a platform, or of all).
   * @throws ImageError `SOURCE_UNAVAILABLE` when the place is not there at all, `IMAGE_UNAVAILABLE` when it has no such
   *   image; anything else when it has the image and cannot give it. RegistryError from registries.
   */
  open(context: Context, wanted: NamedImage): Promise<OpenedImages>;
}

/** Which image, and where to ask for it. */
export interface NamedImage {
  /** As typed; may be a bare image id, of which only places on this machine know. */
  readonly reference: string;
  /** Only this platform will do, or every one that there is. */
  readonly platform?: Platform | 'all' | undefined;
  /** Taken when no platform is asked for. */
  readonly hostPlatform: Platform;
  /** Where temporary copies may lie. */
  readonly spoolDir: string;
  /** Variables that say where services listen: `DOCKER_HOST`, `XDG_RUNTIME_DIR`... */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly dockerHost?: string | undefined;
  readonly podmanHost?: string | undefined;
  /** Where documents of images in registries are kept by digest, and found; absent: they are asked for each time. */
  readonly documents?: Cache | undefined;
  /** Ask no registry: what is not in `documents` is not there. */
  readonly documentsOnly?: boolean | undefined;
  openRegistry(): Promise<RegistryClient>;
}
