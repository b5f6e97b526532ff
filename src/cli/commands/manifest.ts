import { ConfigError, manifestOptions } from '../../config/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { judgeOf, outcomeOf, printManifests } from '../manifest-run.js';
import { checkOutput } from '../output.js';

/** `tidewaiter manifest`: the risks in resource definitions of Kubernetes, and edits that take them away. */
export const manifest: Command = {
  positionals: [{ name: 'FILE', required: true, many: true }],
  options: manifestOptions,
  examples: [
    { line: 'tidewaiter manifest deploy.yaml', does: 'what is risky in a manifest, and what to write instead' },
    { line: 'tidewaiter manifest k8s/', does: 'every manifest in a folder' },
    { line: "tidewaiter manifest 'k8s/**/*.yaml' --fail-on HIGH", does: 'fail a build for what is grave' },
    { line: 'tidewaiter manifest k8s/ --min-level restricted', does: 'demand a level of the Pod Security Standards' },
    { line: 'helm template ./chart | tidewaiter manifest -', does: 'a chart, traced to its template files' },
    { line: 'tidewaiter manifest deploy.yaml --diff', does: 'what --fix would change' },
    { line: 'tidewaiter manifest k8s/ --fix', does: 'mend what can be mended without knowing more' },
    { line: 'kubectl get deploy -A -o yaml | tidewaiter manifest -', does: 'what runs in a cluster' },
    { line: 'tidewaiter manifest pod.yaml --format kubesec', does: "kubesec's answer, in its own form" },
  ],
  notes: [
    'FILE is a file, a folder (its .yaml, .yml and .json files, however deep), a pattern in quotes, or - for standard input.\nFiles in folders that hold no manifest are passed over and counted. Charts and kustomizations that are not rendered\ncannot be judged: they make the result incomplete, with the command that renders them.',
    'A finding is suppressed, with a reason, by an annotation or a comment in the manifest itself; see docs/manifest-rules.md.',
    '--fix keeps comments, order, anchors and line ends. Each edited text is read again, and is kept only if exactly the\nfields in question have changed. What depends on the program (its user id, say) is left to you.',
  ],
  run,
};

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const output = settings.text('output');
  if (output !== undefined) await checkOutput(output);
  const wantsEdits = settings.isOn('fix') || settings.isOn('diff');
  if (settings.text('format') === 'kubesec') {
    if (wantsEdits) throw new ConfigError('CONFLICT', '--format kubesec has no fixes', { hint: 'leave --format out' });
    const { runKubesecFormat } = await import('../manifest-kubesec.js');
    return await runKubesecFormat(context, positionals, settings);
  }
  const judge = judgeOf(context, positionals, settings);
  if (wantsEdits) {
    const { runFixes } = await import('../manifest-fix-run.js');
    return await runFixes(context, settings, judge);
  }
  const judged = await judge({});
  await printManifests(context, settings, judged.result);
  return outcomeOf(judged.result, settings);
}
