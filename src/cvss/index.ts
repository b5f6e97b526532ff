export { type CvssScore, scoreCvss } from './score-cvss.js';
