#!/usr/bin/env node
import { version } from './version.js';

// Scripts ask for the version often: nothing is loaded for it.
const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === '--version' || words[0] === '-v')) {
  process.stdout.on('error', () => process.exit(0));
  process.stdout.write(`Version: ${version}\n`);
} else if (words[0] === 'kubesec') {
  // Scripts run it for one small file each: what other commands need is not loaded.
  const { kubesecMain } = await import('./kubesec-main.js');
  await kubesecMain(words.slice(1));
} else {
  // Loaded beside the code that reads the command line, not after it; what fails here fails again there, and is told.
  if (words[0] === 'manifest') import('./commands/manifest.js').catch(() => undefined);
  const { main } = await import('./program.js');
  await main(words);
}
