import { ConfigError, type Settings } from '../config/index.js';
import type { AdmissionMetrics, PullSecretSettings } from '../server/index.js';
import type { CommandContext } from './command.js';

/**
 * Where the pull secrets of pods are read; nothing where they are not. No connection is opened yet.
 * @throws ConfigError `CONFLICT`, `INVALID_VALUE`; ClusterError `CLUSTER_CONFIG_INVALID`
 */
export async function openPullSecrets(
  context: CommandContext,
  settings: Settings,
  metrics: AdmissionMetrics,
): Promise<PullSecretSettings | undefined> {
  const kubeconfig = settings.text('kubeconfig');
  const imageReviewAccount = settings.text('image-review-service-account');
  if (settings.text('pull-secrets') !== 'cluster') {
    for (const name of ['kubeconfig', 'image-review-service-account']) {
      if (settings.text(name) === undefined) continue;
      throw new ConfigError('CONFLICT', `${settings.origin(name)} is of no use while no pull secrets are read`, {
        hint: 'add --pull-secrets cluster, or leave it out',
      });
    }
    return undefined;
  }
  if (settings.isOn('offline')) {
    throw new ConfigError('CONFLICT', '--offline opens no connection, and --pull-secrets cluster needs one', {
      hint: 'leave one of them out',
    });
  }
  const { inClusterAccess, kubeconfigAccess, openPullSecretReader } = await import('../cluster/index.js');
  const { isObjectName } = await import('../pull-secrets/index.js');
  if (imageReviewAccount !== undefined && !isObjectName(imageReviewAccount)) {
    throw new ConfigError(
      'INVALID_VALUE',
      `${settings.origin('image-review-service-account')} names no service account`,
      {
        hint: 'most namespaces use the one called default',
      },
    );
  }
  const find = await (kubeconfig === undefined ? inClusterAccess(context.environment) : kubeconfigAccess(kubeconfig));
  const { insecure, server } = await find();
  if (insecure === true) {
    context.log(
      'warn',
      `the certificate of ${server.host} is not checked (insecure-skip-tls-verify in the kubeconfig)`,
    );
  }
  const log: CommandContext['log'] = (level, message) =>
    context.log(level, `${context.now().toISOString()} ${message}`);
  log('info', `pull secrets of pods are read from ${server.host}`);
  return {
    reader: openPullSecretReader({ find, log, onRead: (result) => metrics.pullSecretRead(result) }),
    imageReviewAccount,
  };
}
