/** The rules of docs/design.md, section 2, that the model can do without, one at a time, to show what each is for. */

/** What is done instead where a rule is removed. */
export const removals = {
  'rule 1': 'the reply is written first, its state by a second write',
  'rule 2': 'an owner writes by its lease alone, without If-Match',
  'rule 3': 'whoever loses a condition returns without looking',
  'rule 4': 'a delivery that finds the job leased puts no successor',
  'rule 5': 'an expired lease does not count as an attempt',
  'rule 6': 'a broken lease is taken for one that has ended',
  'rule 7': 'an instance tells by its own clock, which is ahead, that notBefore has passed',
  'rule 8': 'block ids carry no token and blocks are staged without a claim',
} as const;

export type Rule = keyof typeof removals;

/** Rules 9 and 10 say what a call costs and what metadata holds; no order of calls can break them, other tests hold them. */
export const rules = Object.keys(removals) as Rule[];
