import '../operator.test.ts';
