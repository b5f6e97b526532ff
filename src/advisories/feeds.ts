import type { Feed } from './feed.js';
import * as registered from './feeds/index.js';

/** Every feed, in the order in which a file is shown to them. */
export const feeds: readonly Feed[] = Object.values(registered);
