// The clients that front ends use, against the toy schema of tests/server/protocol (URL in GRAPHQL_URL).

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { ApolloClient, HttpLink, InMemoryCache, split, gql } from "@apollo/client/core";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";
import { auditServer } from "graphql-http";
import { createClient as createSseClient } from "graphql-sse";
import { CloseCode, createClient as createWsClient } from "graphql-ws";
import WebSocket from "ws";

const url = process.env.GRAPHQL_URL;
const socketUrl = url.replace("http", "ws");
const headers = { authorization: "Bearer good" };
const ECHO = "query Echo($n: Int!) { echo(number: $n) }";
const RENAME = 'mutation { rename(name: "Bolt") { name } }';
const COUNT = "subscription { count(to: 3) }";
const COUNTED = [{ count: 1 }, { count: 2 }, { count: 3 }];

function socketClient(options = {}) {
  return createWsClient({
    url: socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { token: "good" },
    retryAttempts: 0,
    ...options,
  });
}

async function collect(iterable, read = (result) => result.data) {
  const all = [];
  for await (const result of iterable) all.push(read(result));
  return all;
}

/** The values that an observable or a wonka source delivers until it completes. */
function delivered(subscribe) {
  return new Promise((resolve, reject) => {
    const all = [];
    subscribe({ next: (value) => all.push(value), error: reject, complete: () => resolve(all) });
  });
}

function apollo(http, socket) {
  const isSubscription = ({ operationType }) => operationType === "subscription";
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: split(isSubscription, new GraphQLWsLink(socket), http),
  });
}

test("Apollo Client queries, mutates and subscribes", async () => {
  const socket = socketClient();
  const client = apollo(new HttpLink({ uri: url, headers }), socket);
  const echoed = await client.query({ query: gql(ECHO), variables: { n: 7 } });
  const renamed = await client.mutate({ mutation: gql(RENAME) });
  const counted = await delivered((observer) =>
    client.subscribe({ query: gql(COUNT) }).subscribe(observer),
  );
  assert.deepEqual(echoed.data, { echo: "None None 7" });
  assert.equal(renamed.data.rename.name, "Bolt");
  assert.deepEqual(counted.map((result) => result.data), COUNTED);
  client.stop();
  await socket.dispose();
});

test("Apollo Client reads the codes of errors", async () => {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: url, headers }),
  });
  for (const [query, code] of [
    ["{ refused }", "INVALID_ID"],
    ["{ nope }", "GRAPHQL_VALIDATION_FAILED"],
  ]) {
    const result = await client.query({ query: gql(query), errorPolicy: "all" });
    assert.deepEqual(result.error.errors.map((error) => error.extensions.code), [code]);
  }
  client.stop();
});

test("Apollo Client sends a hash first and the text when asked for it", async () => {
  const bodies = [];
  const seen = (input, init) => {
    bodies.push(JSON.parse(init.body));
    return fetch(input, init);
  };
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: url, headers, fetch: seen })),
  });
  const result = await client.query({ query: gql("{ hello }") });
  assert.deepEqual(result.data, { hello: "world" });
  assert.deepEqual(bodies.map((body) => "query" in body), [false, true]);
  client.stop();
});

test("urql queries, mutates and subscribes by graphql-ws", async () => {
  const socket = socketClient();
  const client = new Client({
    url,
    preferGetMethod: false,
    fetchOptions: { headers },
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, sink) }),
        }),
      }),
    ],
  });
  assert.deepEqual((await client.query(ECHO, { n: 7 })).data, { echo: "None None 7" });
  assert.equal((await client.mutation(RENAME, {})).data.rename.name, "Bolt");
  assert.deepEqual(await urqlEvents(client), COUNTED);
  const refused = await client.query("{ refused }", {});
  assert.deepEqual(refused.error.graphQLErrors.map((e) => e.extensions.code), ["INVALID_ID"]);
  const invalid = await client.query("{ nope }", {});
  assert.equal(invalid.error.graphQLErrors[0].message, "Cannot query field 'nope' on type 'Query'.");
  await socket.dispose();
});

test("urql queries by GET and subscribes by server-sent events", async () => {
  const client = new Client({
    url,
    preferGetMethod: true,
    fetchOptions: { headers },
    fetchSubscriptions: true,
    exchanges: [cacheExchange, fetchExchange],
  });
  assert.deepEqual((await client.query(ECHO, { n: 7 })).data, { echo: "None None 7" });
  assert.deepEqual(await urqlEvents(client), COUNTED);
});

function urqlEvents(client) {
  return new Promise((resolve) => {
    const all = [];
    client.subscription(COUNT, {}).subscribe((result) => {
      all.push(result.data);
      if (all.length === COUNTED.length) resolve(all);
    });
  });
}

test("graphql-ws queries, subscribes and reads errors", async () => {
  const socket = socketClient();
  const answers = await collect(socket.iterate({ query: ECHO, variables: { n: 7 } }));
  assert.deepEqual(answers, [{ echo: "None None 7" }]);
  assert.deepEqual(await collect(socket.iterate({ query: COUNT })), COUNTED);
  await assert.rejects(collect(socket.iterate({ query: "{ nope }" })), (errors) => {
    assert.equal(errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
    return true;
  });
  await socket.dispose();
});

test("graphql-ws is closed with 4403 without a valid token, and connects again with one", async () => {
  const tokens = ["expired", "good"];
  const closed = [];
  const socket = socketClient({
    retryAttempts: 1,
    connectionParams: () => ({ token: tokens.shift() }),
    on: { closed: (event) => closed.push(event.code) },
  });
  assert.deepEqual(await collect(socket.iterate({ query: "{ hello }" })), [{ hello: "world" }]);
  assert.deepEqual(closed, [CloseCode.Forbidden]);
  await socket.dispose();
});

test("graphql-sse queries, subscribes and reads errors", async () => {
  const client = createSseClient({ url, headers, retryAttempts: 0 });
  assert.deepEqual(await collect(client.iterate({ query: "{ hello }" })), [{ hello: "world" }]);
  assert.deepEqual(await collect(client.iterate({ query: COUNT })), COUNTED);
  const refused = await collect(client.iterate({ query: "{ nope }" }), (result) => result.errors);
  assert.equal(refused[0][0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  client.dispose();
});

test("every audit of GraphQL over HTTP passes", async () => {
  const authorised = (input, init = {}) =>
    fetch(input, { ...init, headers: { ...headers, ...init.headers } });
  const results = await auditServer({ url, fetchFn: authorised });
  const failed = results.filter((result) => result.status !== "ok");
  assert.deepEqual(failed.map(({ id, name, reason }) => ({ id, name, reason })), []);
  assert.ok(results.length > 50);
});
