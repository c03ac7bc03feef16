/** What a `data-try` attribute holds. */
export interface Tried {
  method: string;
  path: string;
  fields?: { name: string; in: string; required?: true }[];
  json?: unknown;
  form?: Record<string, unknown>;
}

export interface Outgoing {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** The request, of what stands in the fields (by `in name`) and in the body. Empty fields are left out. */
export function requestOf(tried: Tried, values: ReadonlyMap<string, string>, body: string): Outgoing {
  const value = (place: string, name: string): string => values.get(`${place} ${name}`) ?? "";
  const path = tried.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(value("path", name)));
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  for (const { name, in: place } of tried.fields ?? []) {
    const given = value(place, name);
    if (given === "") continue;
    if (place === "query") query.append(name, given);
    if (place === "header") headers[name.toLowerCase()] = given;
  }
  if (tried.form) {
    headers["content-type"] = "application/x-www-form-urlencoded";
  } else if (body !== "") {
    headers["content-type"] = "application/json";
  }
  const asked = query.toString();
  return {
    method: tried.method,
    path: asked === "" ? path : `${path}?${asked}`,
    headers,
    body: tried.form ? formBody(body) : body,
  };
}

/** `Name=value`, one a line, as the form that it stands for. */
export function formBody(lines: string): string {
  const form = new URLSearchParams();
  for (const line of lines.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0) form.append(line.slice(0, at).trim(), line.slice(at + 1).replace(/\r$/, ""));
  }
  return form.toString();
}

/** What stands in the body at first. */
export function bodyText(tried: Tried): string {
  if (tried.json !== undefined) return JSON.stringify(tried.json, null, 2);
  return Object.entries(tried.form ?? {})
    .flatMap(([name, value]) => [value].flat().map((one) => `${name}=${String(one)}`))
    .join("\n");
}

/** The names in a path, each with the collection before it: `/v1/transactions` of `/v1/transactions/{id}/claim`. */
export function placesOf(path: string): { name: string; collection: string }[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => ({ name: match[1] ?? "", collection: path.slice(0, match.index - 1) }));
}

/** The id that an answer gives to what was made or is first in a list; undefined where there is none. */
export function idIn(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const object = answer as Record<string, unknown>;
  for (const name of ["id", "sid"]) if (typeof object[name] === "string") return object[name];
  const list = Object.values(object).find((value) => Array.isArray(value)) as unknown[] | undefined;
  return list?.length ? idIn(list[0]) : undefined;
}
