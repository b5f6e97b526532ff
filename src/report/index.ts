export * from './scan-report.js';
