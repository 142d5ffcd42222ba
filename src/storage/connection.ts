/**
 * How the app reaches storage: by identity or by connection string, and nowhere else is this decided.
 * The settings follow the Functions convention for connections.
 */

/** `name` is the setting's, as triggers name it in `connection`. */
export type StorageConnection =
  | { readonly kind: 'connection-string'; readonly name: string; readonly connectionString: string }
  | {
      readonly kind: 'identity';
      readonly name: string;
      readonly blobServiceUri: string;
      readonly queueServiceUri: string;
      /** Client id of a user-assigned identity; undefined for the system-assigned one, or a developer's own. */
      readonly clientId: string | undefined;
      /** `managedidentity` asks for the platform's identity only. */
      readonly isManagedIdentity: boolean;
    };
