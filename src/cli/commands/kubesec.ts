import type { Option } from '../../config/index.js';
import type { Command, WordsContext } from '../command.js';
import { kubesecFlags, type KubesecFlag } from '../kubesec-flags.js';

const subcommands = ['scan', 'http', 'print-rules', 'version', 'help'];

/** `tidewaiter kubesec`: in scripts a prefix to what they have. */
export const kubesec: Command = {
  positionals: [
    { name: subcommands.join('|'), required: true },
    { name: 'FILE', required: false, many: true },
  ],
  options: kubesecFlags.map(shown),
  examples: [
    { line: 'tidewaiter kubesec scan deployment.yaml', does: 'a score and advice for every object, as JSON' },
    { line: 'helm template ./chart | tidewaiter kubesec scan -', does: 'what another program prints' },
    { line: 'tidewaiter kubesec scan --format table a.yaml b.yaml', does: 'several files, for people' },
    { line: 'tidewaiter kubesec print-rules --format table', does: 'the rules and their points' },
    { line: 'tidewaiter kubesec http 127.0.0.1:8080', does: 'the same for requests' },
  ],
  notes: [
    'Exit codes are those of kubesec: 0 when every score is above 0, 2 (or --exit-code) when one is not, 1 when nothing\ncould be reported; the reason is then on standard output.',
    'Schemas are inside the package and nothing is fetched. Where this differs from kubesec, and what --compat strict\nchanges: docs/kubesec.md.',
  ],
  run: () => Promise.reject(new Error('kubesec takes its own words')),
  async runWords(context: WordsContext, words: readonly string[]): Promise<number> {
    const { runKubesec } = await import('../kubesec-program.js');
    return await runKubesec(context, words);
  },
};

function shown({ name, short, type, fallback, valueName, summary, on }: KubesecFlag): Option {
  return {
    name,
    short,
    type: type === 'switch' ? 'switch' : 'text',
    ...(type === 'switch' ? { fallback: 'false' } : fallback === undefined ? {} : { fallback }),
    group: 'works',
    section: 'Report',
    valueName,
    summary: on.length === 1 ? `${summary} (${on[0] ?? ''})` : summary,
  };
}
