/** Where telemetry is to go, as src/config.ts reads it. */
export interface TelemetrySettings {
  /** Of Application Insights. */
  readonly connectionString: string | undefined;
  /** The identity that may write there; undefined where the connection string is enough. */
  readonly identity: { readonly clientId: string | undefined } | undefined;
  /** An OTLP endpoint is named. Its address the exporter reads itself, as it does OpenTelemetry's other variables. */
  readonly sendsToOtlp: boolean;
  /** What the app is called there. */
  readonly serviceName: string;
  /** Which of its instances this is; undefined for a name by chance. */
  readonly instanceId: string | undefined;
}
