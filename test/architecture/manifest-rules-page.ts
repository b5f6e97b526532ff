import { manifestRules } from '../../src/manifest/index.js';

const topics: readonly { readonly from: string; readonly heading: string }[] = [
  { from: 'TW-K001', heading: 'What a container may do' },
  { from: 'TW-K040', heading: 'Tokens and secrets' },
  { from: 'TW-K050', heading: 'Images' },
  { from: 'TW-K060', heading: 'Resources, probes, placement, storage' },
  { from: 'TW-K090', heading: 'How the manifest is written' },
  { from: 'TW-K100', heading: 'Roles' },
  { from: 'TW-K120', heading: 'Bindings' },
  { from: 'TW-K130', heading: 'Namespaces' },
  { from: 'TW-K140', heading: 'The network' },
];

/** `docs/manifest-rules.md`: every rule of the analysis of manifests, by topic. */
export function manifestRulesPage(): string {
  const sections = topics.map(({ from, heading }, at) => {
    const to = topics[at + 1]?.from;
    const rows = manifestRules
      .filter(({ id }) => id >= from && (to === undefined || id < to))
      .map(
        ({ id, name, severity, title, why, fix }) =>
          `| \`${id}\` | \`${name}\` | ${severity} | **${title}.** ${why} | ${fix[0]?.toUpperCase() ?? ''}${fix.slice(1)}. |`,
      );
    return [
      `## ${heading}`,
      '',
      '| Id | Name | Severity | What, and why it matters | What to do |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n');
  });
  return `${introduction}\n${sections.join('\n')}`;
}

const introduction = `# Rules for manifests

\`tidewaiter manifest\` judges every object by these rules: each container by itself, in every kind that runs pods, and in
the templates of custom resources. A container that sets nothing itself has what its pod sets, or else Kubernetes' default;
a finding says which. Points cannot be earned: one privileged container fails, however hardened the others are. A field
that cannot be read is never taken for the safe value: it is reported as not assessed.

## Taking a finding away

A finding is taken away where it is, with a reason, and stays in the report as suppressed:

\`\`\`yaml
metadata:
  annotations:
    tidewaiter.dev/ignore: "TW-K031 until 2027-01-31: logs are collected from there; TW-K022 container=agent: it routes"
    tidewaiter.dev/ignore.TW-K040: "it talks to the API server"
spec:
  # tidewaiter:ignore TW-K023 it watches the processes of the node until=2027-01-31
  hostPID: true
\`\`\`

- Annotations of an object cover all of it, those of a pod template the pod. A comment covers its own line, or the next one
  if it stands alone; what is missing counts as standing at the container, or the mapping, that it is missing from.
- Rules are named by id or name, several with commas between. \`container=NAME\` narrows an entry to one container.
- The day after \`until\` is the first on which it no longer holds.
- Without a reason, past its last day, or for a rule that does not exist, it takes nothing away. That is reported, and so is
  one that finds nothing to take away.
`;
