/**
 * Where the contract suite runs beside the local host itself. `npm run contract -- HOST` runs all of it on one of them;
 * the files in on-HOST/ are the part of it that every test run has.
 */

export const contractHosts = {
  local: 'the local host, by a connection string',
  package: 'what is deployed, unpacked into an empty folder',
  proxy: 'behind a reverse proxy with another host name and a path prefix',
  keys: 'with function keys enforced, each caller with the key of the function that it calls',
  identity: 'storage as in Azure, reached over https by a managed identity and without a key',
  authentication: 'under App Service authentication, a second owner looking at every job',
} as const;

export type ContractHost = keyof typeof contractHosts;

const ASKS_NO_APP = { 'described-answer.test.ts': 'asks no app: it tests the check behind every answer' };
const HAS_KEYS_OF_ITS_OWN = {
  'cors.test.ts': 'has keys enforced wherever it runs, since preflights come without',
  'hostile-requests.test.ts': 'has keys enforced wherever it runs, and looks for the key in the log',
  'runbook.test.ts': 'has keys enforced wherever it runs, as the commands of the page have one',
};
const HAS_A_URL_OF_ITS_OWN = {
  'url-settings.test.ts': 'sets PUBLIC_BASE_URL itself, to a gateway that is not there',
};

/** The files that do not run on a host, and why. Any other that starts no app on it fails the run. */
export const leftOut: Readonly<Record<ContractHost, Readonly<Record<string, string>>>> = {
  local: {},
  package: {
    ...ASKS_NO_APP,
    'lanes.test.ts': 'builds an app of its own, with one operation more',
  },
  proxy: { ...ASKS_NO_APP, ...HAS_KEYS_OF_ITS_OWN, ...HAS_A_URL_OF_ITS_OWN },
  identity: {
    ...ASKS_NO_APP,
    'keyless-storage.test.ts': 'reaches storage by identity wherever it runs, on an Azurite of its own',
  },
  keys: { ...ASKS_NO_APP, ...HAS_KEYS_OF_ITS_OWN, ...HAS_A_URL_OF_ITS_OWN },
  authentication: { ...ASKS_NO_APP, ...HAS_KEYS_OF_ITS_OWN, ...HAS_A_URL_OF_ITS_OWN },
};

/** The files under App Service authentication whose jobs no second owner looks at as soon as they were started, and why. */
export const unwatched: Readonly<Record<string, string>> = {
  'backlog.test.ts': 'starts jobs faster than they are done',
  'canceled-renditions.test.ts':
    'holds a job at one of its calls to storage, which such a look would be taken for',
  'killed-renditions.test.ts':
    'holds a job at one of its calls to storage, which such a look would be taken for',
  'waiting-limits.test.ts': 'counts calls to storage, and has the next ones fail',
  'workflows.test.ts': 'cancels jobs, and kills hosts, in the first moments of a job',
};

export const isContractHost = (name: string): name is ContractHost => Object.hasOwn(contractHosts, name);
