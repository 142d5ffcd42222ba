import '../stopped-work.test.ts';
