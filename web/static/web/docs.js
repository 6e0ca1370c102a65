/** The API's page: it shows the OpenAPI document to readers. Nothing is loaded from other servers. */

import { h } from "./dom.js";
import { deadline } from "./limits.js";

const DEEPEST = 6; // levels of a body that are drawn

let components = {};

/** The type of a schema, in words of JSON. */
function shape(schema, indent = "", depth = 0) {
  if (schema === undefined) return "";
  if (schema.$ref) return shape(components[schema.$ref.split("/").pop()], indent, depth);
  const variants = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  const orNull = schema.nullable ? " or null" : "";
  if (variants) return variants.map((each) => shape(each, indent, depth)).filter(Boolean).join(" or ") + orNull;
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ") + orNull;
  if (schema.type === "array") return `[${shape(schema.items, indent, depth)}, …]${orNull}`;
  if (schema.type !== "object") return (schema.format ? `${schema.type} (${schema.format})` : (schema.type ?? "any")) + orNull;
  if (depth > DEEPEST) return "{…}";
  const inner = `${indent}  `;
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, member]) => `${inner}"${name}": ${shape(member, inner, depth + 1)}`,
  );
  if (schema.additionalProperties?.type || schema.additionalProperties?.$ref) {
    members.push(`${inner}<key>: ${shape(schema.additionalProperties, inner, depth + 1)}`);
  }
  return members.length > 0 ? `{\n${members.join(",\n")}\n${indent}}${orNull}` : `{}${orNull}`;
}

function body(title, content) {
  const media = content?.["application/json"];
  return media ? h("div", {}, h("h3", {}, title), h("pre", {}, shape(media.schema))) : null;
}

function operation(method, path, { description = "", parameters = [], requestBody, responses, security }) {
  const answers = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const refusals = Object.keys(responses).filter((status) => !status.startsWith("2"));
  const needsToken = security?.length > 0 && !security.some((each) => Object.keys(each).length === 0);
  return h(
    "details.operation",
    {},
    h("summary", {}, h("code.method", { "data-method": method }, method.toUpperCase()), " ", h("code", {}, path), " ", h("span.quiet", {}, description.split("\n")[0])),
    h("p.description", {}, description),
    needsToken ? h("p.quiet", {}, "Needs a token: Authorization: Bearer …") : null,
    ...parameters.map((each) => h("p", {}, h("code", {}, each.name), ` (${each.in}) ${each.description ?? ""}`)),
    body("Body", requestBody?.content),
    ...answers.map(([status, answer]) => body(`Answer ${status}`, answer.content)),
    h("p.quiet", {}, `Errors: ${refusals.join(", ")}`),
  );
}

async function read() {
  const place = document.getElementById("operations");
  const response = await fetch("/api/schema/?format=json", { signal: deadline() }).catch(() => ({ ok: false }));
  if (!response.ok) {
    place.replaceChildren(h("p.problem", {}, "The schema could not be read. Please reload the page."));
    return;
  }
  const schema = await response.json();
  components = schema.components.schemas;
  const groups = new Map();
  for (const [path, methods] of Object.entries(schema.paths)) {
    for (const [method, each] of Object.entries(methods)) {
      const [tag = "other"] = each.tags ?? [];
      groups.set(tag, [...(groups.get(tag) ?? []), operation(method, path, each)]);
    }
  }
  document.getElementById("about").textContent = schema.info.description;
  place.replaceChildren(...[...groups].map(([tag, operations]) => h("section.card", {}, h("h2", {}, tag), ...operations)));
}

read();
