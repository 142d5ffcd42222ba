/**
 * Checks a query as Azure's own editor does, by Microsoft's language service: what is no KQL, no function, no table or column of
 * Application Insights is found without an Azure to ask.
 */
import '@kusto/language-service-next/bridge.min.js';
import '@kusto/language-service-next/Kusto.Language.Bridge.min.js';

const common = `timestamp:datetime, itemType:string, itemCount:int, customDimensions:dynamic, customMeasurements:dynamic,
  operation_Name:string, operation_Id:string, operation_ParentId:string, cloud_RoleName:string, cloud_RoleInstance:string`;
/** https://learn.microsoft.com/azure/azure-monitor/app/data-model-complete: those that the queries use, with their columns. */
const tables = {
  traces: `message:string, severityLevel:int, ${common}`,
  customMetrics: `name:string, value:real, valueCount:int, valueSum:real, valueMin:real, valueMax:real, valueStdDev:real, ${common}`,
  requests: `id:string, name:string, url:string, success:string, resultCode:string, duration:real, ${common}`,
  dependencies: `id:string, target:string, type:string, name:string, data:string, success:string, resultCode:string, duration:real, ${common}`,
  exceptions: `problemId:string, type:string, outerMessage:string, innermostMessage:string, ${common}`,
};

/** What is used of it. The package is compiled from C#: constructors are told apart by number, lists are C#'s. */
interface List<T> {
  readonly Count: number;
  getItem(index: number): T;
}
declare const Kusto: {
  readonly Language: {
    readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
    readonly KustoCode: {
      ParseAndAnalyze(
        query: string,
        globals: object,
      ): {
        GetDiagnostics(): List<{
          readonly Severity: string;
          readonly Message: string;
          readonly Start: number;
        }>;
      };
    };
    readonly Symbols: {
      readonly Symbol: object;
      readonly TableSymbol: {
        readonly $ctor6: new (name: string, columns: object, description: null) => object;
        From(columns: string): { readonly Columns: object };
      };
      readonly DatabaseSymbol: {
        readonly $ctor1: new (name: string, members: object, isOpen: boolean) => object;
      };
    };
  };
};
declare const System: {
  readonly Collections: {
    readonly Generic: {
      List$1(of: object): { readonly ctor: new () => { add(symbol: object): void } };
    };
  };
};

const { GlobalState, KustoCode, Symbols } = Kusto.Language;

const insights = (() => {
  const symbols = new (System.Collections.Generic.List$1(Symbols.Symbol).ctor)();
  for (const [name, columns] of Object.entries(tables))
    symbols.add(new Symbols.TableSymbol.$ctor6(name, Symbols.TableSymbol.From(`(${columns})`).Columns, null));
  return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1('insights', symbols, false));
})();

/** What is wrong with a query, each with where. */
export function faultsOf(query: string): string[] {
  const diagnostics = KustoCode.ParseAndAnalyze(query, insights).GetDiagnostics();
  return Array.from({ length: diagnostics.Count }, (_, index) => {
    const { Severity, Message, Start } = diagnostics.getItem(index);
    return `${Severity} at ${query.slice(0, Start).split('\n').length}: ${Message}`;
  });
}
