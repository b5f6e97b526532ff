/** Rewrites the generated parts of docs/: `npm run docs`. A test holds them against their sources. */
import { readFileSync, writeFileSync } from 'node:fs';
import { drawRooms } from '../test/architecture/picture.js';

const path = 'docs/architecture.md';
const text = readFileSync(path, 'utf8');
writeFileSync(
  path,
  text.replace(/```mermaid[\s\S]*?```/, () => drawRooms()),
);
