/** Rewrites the generated parts of docs/: `npm run docs`. A test holds them against their sources. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandPages } from '../src/cli/command-pages.js';
import { manifestRulesPage } from '../test/architecture/manifest-rules-page.js';
import { drawRooms } from '../test/architecture/picture.js';

const path = 'docs/architecture.md';
const text = readFileSync(path, 'utf8');
writeFileSync(
  path,
  text.replace(/```mermaid[\s\S]*?```/, () => drawRooms()),
);

writeFileSync('docs/manifest-rules.md', manifestRulesPage());

const folder = 'docs/commands';
const pages = await commandPages();
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
for (const [name, page] of pages) writeFileSync(join(folder, name), page);
