export { FirstSeen, type FirstSeenOptions, type SeenFinding } from './first-seen.js';
