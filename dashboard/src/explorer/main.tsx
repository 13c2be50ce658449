import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';
import { authorization, begin, token } from '../client/session';
import './explorer.css';

const root = document.getElementById('root');
if (!root) throw new Error('graphiql.html has no #root');

// Whoever is signed in on the dashboard is so here; another token goes into GraphiQL's own headers.
begin();
const url = new URL('/graphql', location.origin);
const live = new URL(url);
live.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';

const fetcher = createGraphiQLFetcher({
  url: url.href,
  fetch: (input, init) =>
    fetch(input, { ...init, headers: { ...authorization(), ...(init?.headers as Record<string, string>) } }),
  wsClient: createClient({ url: live.href, connectionParams: () => ({ token: token() }) }),
});

const FIRST = `# Whoever is signed in on the dashboard is signed in here.
# Otherwise put {"Authorization": "Bearer …"} into the headers below.
{
  viewer {
    name
    role
  }
}
`;

createRoot(root).render(<GraphiQL fetcher={fetcher} defaultQuery={FIRST} shouldPersistHeaders={false} />);
