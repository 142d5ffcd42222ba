import '../stored-jobs.test.ts';
