/** Runs before anything that the tests import: the certificate library looks for this as soon as it is loaded. */
import { provideReflectMetadata } from './reflect-metadata.js';

provideReflectMetadata();
