/** Which lines src/logs.ts writes, and what facts each has, read off its types: a query may name no other. */
import ts from 'typescript';

/** The facts of a line, by the words it begins with. */
export function logLines(): ReadonlyMap<string, ReadonlySet<string>> {
  // Without the library of the language: it has nothing to say about these types.
  const program = ts.createProgram(['src/logs.ts'], { noLib: true, strict: true });
  const checker = program.getTypeChecker();
  const lines = new Map<string, Set<string>>();

  (function visit(node: ts.Node): void {
    const writer = ts.isPropertyAssignment(node) ? node.initializer : undefined;
    if (writer === undefined || !ts.isArrowFunction(writer)) ts.forEachChild(node, visit);
    else lines.set(...lineOf(writer));
  })(program.getSourceFile('src/logs.ts') as ts.Node);
  return lines;

  function lineOf({ parameters: [, ...told], body }: ts.ArrowFunction): [string, Set<string>] {
    const facts = told.flatMap((each) => checker.getTypeAtLocation(each).getProperties());
    const names = facts.map(({ name }) => name);
    let begins = '';
    (function look(part: ts.Node): void {
      if (ts.isCallExpression(part) && part.expression.getText() === 'line')
        begins = (part.arguments[0] as ts.StringLiteral).text;
      if (ts.isPropertyAssignment(part) || ts.isShorthandPropertyAssignment(part))
        names.push(part.name.getText());
      ts.forEachChild(part, look);
    })(body);
    return [begins, new Set(names)];
  }
}
