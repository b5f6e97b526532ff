export { json } from './json.js';
export { table } from './table.js';
export { tidewaiter } from './tidewaiter.js';
