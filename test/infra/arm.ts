/** The ARM template that Bicep makes of a file, as far as the tests look into it. */

export interface Resource {
  readonly type: string;
  readonly condition?: string;
  readonly existing?: boolean;
  readonly name: string;
  readonly scope?: string;
  readonly identity?: { readonly type: string; readonly userAssignedIdentities?: object };
  readonly tags?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as deep and as various as Azure's own resources
  readonly properties: any;
  readonly dependsOn?: readonly string[];
}

interface Parameter {
  readonly type?: string;
  readonly defaultValue?: unknown;
}

export interface Template {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly definitions: Readonly<Record<string, { readonly properties: object }>>;
  // biome-ignore lint/suspicious/noExplicitAny: what an expression may use is whatever the file says
  readonly variables: Readonly<Record<string, any>>;
  /** By the name in the Bicep file; `a::b` for b within a. */
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
}

/** @throws {Error} where the template has no such resource */
export function resourceOf(template: Template, name: string): Resource {
  const resource = template.resources[name];
  if (resource === undefined) throw new Error(`There is no resource ${name}.`);
  return resource;
}

/** The template that a module of `main.bicep` deploys. */
export function moduleOf(main: Template, name: string): Template {
  return resourceOf(main, name).properties.template;
}
