import type { Option } from '../../config/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { writeOutput } from '../output.js';
import { momentOf, readPolicyFile } from '../policy-file.js';

const admission = { group: 'works', section: 'Admission' } as const;

const options: readonly Option[] = [
  {
    name: 'policy',
    type: 'text',
    valueName: 'file',
    summary: 'the policy whose rules over names are written',
    ...admission,
  },
  {
    name: 'as',
    type: 'text',
    fallback: 'cel',
    values: ['cel', 'gatekeeper', 'rego', 'rego-v0'],
    summary:
      'cel: ValidatingAdmissionPolicy; gatekeeper: template and constraints; rego: for OPA 1.0 and later; rego-v0: before',
    ...admission,
  },
  {
    name: 'output',
    short: 'o',
    type: 'text',
    valueName: 'folder',
    summary: 'write files into this folder instead of standard output',
    ...admission,
  },
  {
    name: 'exclude-namespaces',
    type: 'list',
    fallback: 'kube-system',
    valueName: 'names',
    summary: 'namespaces that are left alone; "" for none',
    ...admission,
  },
  {
    name: 'partial',
    type: 'switch',
    fallback: 'false',
    summary: 'accept that some rules cannot be carried over (still told)',
    ...admission,
  },
  {
    name: 'now',
    type: 'text',
    valueName: 'date',
    summary: 'as if it were this day (2027-01-31): what has hardened, what has ended by then',
    ...admission,
  },
];

/** `tidewaiter admission generate`: the rules over names of a policy, in a form that others enforce. */
export const admissionGenerate: Command = {
  positionals: [],
  options,
  examples: [
    {
      line: 'tidewaiter admission generate --policy policy.yaml | kubectl apply -f -',
      does: 'enforced by the API server itself, without any webhook',
    },
    {
      line: 'tidewaiter admission generate --policy policy.yaml --as gatekeeper --output gatekeeper/',
      does: 'a constraint template, and constraints',
    },
    {
      line: 'tidewaiter admission generate --policy policy.yaml --as rego --output opa/',
      does: 'for an OPA that is asked by the API server',
    },
  ],
  notes: [
    'Registries, official images, tags and digests, with their selectors, give the same answers as the policy. Rules that\nneed a scan or the whole object cannot be carried over: each is told, in the files too, and the exit code is 3 unless\n--partial is given. Change the policy and generate anew; the same policy and day give the same bytes.',
  ],
  run,
};

async function run(context: CommandContext, { settings }: CommandArguments): Promise<Outcome> {
  const { generateAllowlist, allowlistForms } = await import('../../control-plane/index.js');
  const { CliError } = await import('../cli-error.js');
  const path = settings.text('policy');
  if (path === undefined) throw new CliError('MISSING_ARGUMENT', 'no policy is named', { hint: 'add --policy FILE' });
  const policy = await readPolicyFile(path);
  const form = allowlistForms.find((one) => one === settings.text('as')) ?? 'cel';
  const excludedNamespaces = settings.list('exclude-namespaces').filter((name) => name !== '');
  const { files, omitted, notes, rules } = generateAllowlist(policy, {
    form,
    now: momentOf(settings, context.now()),
    excludedNamespaces,
  });
  const folder = settings.text('output');
  if (folder === undefined) {
    const isRego = form.startsWith('rego');
    // Two packages are no one module: the second is for an API server that asks OPA without anything between.
    const texts = (isRego ? files.slice(0, 1) : files).map(({ text }) => text);
    await writeOutput([texts.join('---\n')], undefined, context.terminal);
  } else {
    const { writeSetupFile } = await import('../admission-files.js');
    for (const file of files) await writeSetupFile(folder, file);
  }
  for (const note of notes) context.log('info', note);
  for (const { what, why, effect } of omitted)
    context.log('warn', `not carried over: ${what}: ${why}; this is ${effect} than the policy`);
  const carried = `${rules} ${rules === 1 ? 'rule' : 'rules'} carried over`;
  if (omitted.length > 0 && !settings.isOn('partial')) {
    return {
      exitCode: exitCodes.incomplete,
      resultLine: `result: incomplete: ${carried}, ${omitted.length} of the policy not (--partial accepts that)`,
    };
  }
  return { exitCode: exitCodes.pass, resultLine: `result: pass: ${carried}` };
}
