declare const TIDEWAITER_VERSION: string | undefined;

/** Version of the package, put in when it is built. */
export const version: string = typeof TIDEWAITER_VERSION === 'string' ? TIDEWAITER_VERSION : '0.0.0-source';
