/**
 * Gives every column a name of its own: the second `a` becomes `a_2`, the third `a_3`. A name that the header itself
 * has is never taken away from its column: of `a,a,a_2` the second becomes `a_3`.
 */
export function nameColumns(header: readonly string[]): string[] {
  const taken = new Set(header);
  const met = new Set<string>();
  const lastSuffixes = new Map<string, number>();
  return header.map((name) => {
    if (!met.has(name)) {
      met.add(name);
      return name;
    }
    let suffix = lastSuffixes.get(name) ?? 1;
    let unique: string;
    do unique = `${name}_${++suffix}`;
    while (taken.has(unique));
    lastSuffixes.set(name, suffix);
    taken.add(unique);
    return unique;
  });
}
