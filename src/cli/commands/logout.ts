import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { registryOfServer } from '../login-server.js';
import { writeOutput } from '../output.js';

/** `tidewaiter logout`, as `docker logout`. */
export const logout: Command = {
  positionals: [{ name: 'SERVER', required: false }],
  options: [],
  examples: [
    { line: 'tidewaiter logout', does: 'from Docker Hub' },
    { line: 'tidewaiter logout ghcr.io', does: 'from another registry' },
  ],
  notes: [
    'Takes away what tidewaiter login and docker login keep for this registry; no registry is asked. A token that others\nhave seen must be revoked there.',
  ],
  run,
};

async function run(context: CommandContext, { positionals }: CommandArguments): Promise<Outcome> {
  const registry = registryOfServer(positionals[0]);
  const { eraseCredential } = await import('../../credentials/index.js');
  const { erased, where } = await eraseCredential(context, { registry, environment: context.environment });
  const words = erased ? `Removing login credentials for ${registry}` : `Not logged in to ${registry}`;
  await writeOutput([`${words}\n`], undefined, context.terminal);
  return {
    exitCode: exitCodes.pass,
    resultLine: erased
      ? `result: pass: logged out of ${registry} (${where})`
      : `result: pass: there was no login for ${registry}`,
  };
}
