export { apk } from './apk.js';
export { dpkg } from './dpkg.js';
export { generic } from './generic.js';
export { npm } from './npm.js';
export { pep440 } from './pep440.js';
export { rpm } from './rpm.js';
