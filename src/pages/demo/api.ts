/** What the app says: the parts of its documents that this page uses. docs/design.md, section 3. */

export interface StatusDocument {
  readonly id: string;
  readonly ref: string;
  readonly operation: string;
  readonly status: 'NotStarted' | 'Running' | 'Succeeded' | 'Failed' | 'Canceled';
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly attempt: number;
  readonly percentComplete?: number;
  readonly message?: string;
  readonly expiresAt?: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

export interface CatalogueEntry {
  readonly name: string;
  readonly summary: string;
  /** Without a schema any bytes are taken, as a stream. */
  readonly accepts: readonly { readonly contentType: string; readonly schema?: JsonSchema }[];
  readonly parameters?: JsonSchema;
}
