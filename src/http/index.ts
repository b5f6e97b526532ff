export { createHttpClient } from './create-http-client.js';
export { HttpError, type HttpErrorCode } from './errors.js';
export type {
  HostOptions,
  HttpClient,
  HttpOptions,
  HttpRequest,
  HttpResponse,
  ProxyOptions,
  RequestBody,
} from './http-client.js';
