/**
 * Thrown where a definition, or what it met, is beyond what is documented of Logic Apps and used here. It ends the run and
 * whoever runs it: a guess would make a test prove nothing.
 */
export class UnknownBehaviour extends Error {
  constructor(what: string) {
    super(`The interpreter does not know ${what}.`);
  }
}
