const exact: ReadonlySet<string> = new Set(['GitHub', 'HashiCorp']);

const signs = [
  'support@docker.com',
  '@nvidia.com',
  'Google Cloud CLI Authors',
  'sapmachine@sap.com',
  '@hashicorp.com',
  '@microsoft.com',
  '@mongodb.com',
  'developers@lists.mariadb.org',
  'dev@couchdb.apache.org',
  'info@elastic.co',
  'nginx-packaging@f5.com',
  '@konghq.com',
  '@cloudflare.com',
  'support@influxdb.com',
  'support@gitlab.com',
  'contact@grafana.com',
  '@datadoghq.com',
  '@nodesource.com',
  'info@tailscale.com',
  '@openrobotics.org',
  '@osrfoundation.org',
];

/** Is this the maintainer of packages that no distribution made, so that no distribution's advisory speaks of them? */
export function isThirdPartyMaintainer(maintainer: string): boolean {
  return exact.has(maintainer) || signs.some((sign) => maintainer.includes(sign));
}
