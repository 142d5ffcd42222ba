import '../job-status.test.ts';
