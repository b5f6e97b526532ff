import { databaseRepositoryOption, registryOptions } from '../../config/index.js';
import type { Command } from '../command.js';
import { updateDatabaseNow } from '../fetch-database.js';

/** `tidewaiter db update`. */
export const dbUpdate: Command = {
  positionals: [],
  options: [databaseRepositoryOption, ...registryOptions],
  examples: [
    { line: 'tidewaiter db update', does: 'the public database, from the first of its places that answers' },
    {
      line: 'tidewaiter db update --db-repository registry.example.com/mirror/trivy-db',
      does: "a company's own copy, put there with tidewaiter db push",
    },
    {
      line: 'tidewaiter db update --db-repository https://files.example.com/db.tar.gz',
      does: 'a file of a web server; an address that ends in / is a folder with db.tar.gz, or with trivy.db and metadata.json',
    },
  ],
  notes: [
    'The database in use stays until the new one is checked and in place, and after any failure (exit code 4). Of several\nprocesses that ask at once, one downloads. What had arrived when a download was broken off is used the next time.',
  ],
  run: updateDatabaseNow,
};
