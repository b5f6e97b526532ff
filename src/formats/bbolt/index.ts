export { BoltBucket, BoltDatabase, type BoltEntry, type BoltOptions } from './reader.js';
export { BoltBucketWriter, BoltWriter, type BoltSink } from './writer.js';
export { compareBytes } from './layout.js';
