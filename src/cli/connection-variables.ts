type Environment = Readonly<Record<string, string | undefined>>;

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'];
const alsoSmall = names.flatMap((name) => [name, name.toLowerCase()]);

/** What the environment says of connections, and nothing that leads to a credential. */
export function connectionVariables(environment: Environment): Environment {
  return Object.fromEntries(
    [...alsoSmall, 'REQUEST_METHOD'].flatMap((name) =>
      environment[name] === undefined ? [] : [[name, environment[name]] as const],
    ),
  );
}
