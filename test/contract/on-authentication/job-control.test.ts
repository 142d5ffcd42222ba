import '../job-control.test.ts';
