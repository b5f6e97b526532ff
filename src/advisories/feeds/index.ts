export { alpineSecdb } from './alpine-secdb.js';
export { debianList } from './debian-list.js';
export { debianTracker } from './debian-tracker.js';
export { osv } from './osv.js';
export { plainYaml } from './plain-yaml.js';
export { trivyYaml } from './trivy-yaml.js';
