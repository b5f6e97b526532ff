import type { AdmissionPage, AdmissionPageOptions } from './page/admission-page.js';

/**
 * Serves the page. Its code is loaded here and not before.
 * @throws ServerError `CANNOT_LISTEN`, `INVALID_CERTIFICATE`, `INVALID_PAGE_TOKEN`, `PAGE_MISSING`.
 */
export async function openAdmissionPage(options: AdmissionPageOptions): Promise<AdmissionPage> {
  const { servePage } = await import('./page/serve-page.js');
  return await servePage(options);
}
