import '../catalogue.test.ts';
