/** The library that writes certificates; `Reflect` needs its metadata before this file is loaded. */
export * as x509 from '@peculiar/x509';
