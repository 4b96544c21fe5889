/**
 * Names of the attributes that instrumentation sets, in one place.
 *
 * Stable OpenTelemetry names and names still in development are copied here (from `@opentelemetry/semantic-conventions`
 * 1.45.0) because the `/incubating` entry of that package breaks in minor releases and because an import would be
 * evaluated on every Convex call. Names under `convex.` are ours: facts about Convex for which no convention exists.
 */

// Errors and exceptions (stable).
export const ERROR_TYPE = "error.type";
export const EXCEPTION_TYPE = "exception.type";
export const EXCEPTION_MESSAGE = "exception.message";
export const EXCEPTION_STACKTRACE = "exception.stacktrace";

// Remote procedure calls (stable in 1.45).
export const RPC_SYSTEM_NAME = "rpc.system.name";
export const RPC_METHOD = "rpc.method";
export const RPC_STATUS_CODE = "rpc.status_code";

// HTTP (stable).
export const HTTP_REQUEST_METHOD = "http.request.method";
export const HTTP_REQUEST_METHOD_ORIGINAL = "http.request.method_original";
export const HTTP_RESPONSE_STATUS_CODE = "http.response.status_code";
export const HTTP_ROUTE = "http.route";
export const URL_PATH = "url.path";
export const URL_SCHEME = "url.scheme";
export const SERVER_ADDRESS = "server.address";
export const SERVER_PORT = "server.port";
export const NETWORK_PEER_ADDRESS = "network.peer.address";
export const NETWORK_PEER_PORT = "network.peer.port";
export const URL_FULL = "url.full";
export const URL_QUERY = "url.query";
export const NETWORK_PROTOCOL_VERSION = "network.protocol.version";
export const USER_AGENT_ORIGINAL = "user_agent.original";

// In development.
export const URL_TEMPLATE = "url.template";

// Databases (stable, but for the returned rows).
export const DB_SYSTEM_NAME = "db.system.name";
export const DB_COLLECTION_NAME = "db.collection.name";
export const DB_OPERATION_NAME = "db.operation.name";
export const DB_QUERY_SUMMARY = "db.query.summary";
export const DB_RESPONSE_RETURNED_ROWS = "db.response.returned_rows";
export const DB_NAMESPACE = "db.namespace";
export const DB_OPERATION_BATCH_SIZE = "db.operation.batch.size";
export const DB_QUERY_TEXT = "db.query.text";
export const DB_RESPONSE_STATUS_CODE = "db.response.status_code";

// Messaging (in development).
export const MESSAGING_SYSTEM_NAME = "messaging.system.name";
export const MESSAGING_OPERATION_NAME = "messaging.operation.name";
export const MESSAGING_OPERATION_TYPE = "messaging.operation.type";
export const MESSAGING_DESTINATION_NAME = "messaging.destination.name";
export const MESSAGING_MESSAGE_ID = "messaging.message.id";
export const MESSAGING_MESSAGE_CONVERSATION_ID = "messaging.message.conversation_id";

// Function as a service (in development): crons only.
export const FAAS_TRIGGER = "faas.trigger";
export const FAAS_CRON = "faas.cron";
export const FAAS_INVOCATION_START_TIME = "faas.invocation.start_time";
export const FAAS_INVOCATION_ID = "faas.invocation.id";

// Resource.
export const SERVICE_NAME = "service.name";
export const SERVICE_NAMESPACE = "service.namespace";
export const SERVICE_VERSION = "service.version";
export const TELEMETRY_SDK_NAME = "telemetry.sdk.name";
export const TELEMETRY_SDK_VERSION = "telemetry.sdk.version";
export const TELEMETRY_SDK_LANGUAGE = "telemetry.sdk.language";
export const CLOUD_PROVIDER = "cloud.provider";
export const CLOUD_REGION = "cloud.region";

// Ours: Convex functions.
export const CORRELATION_ID = "correlation.id";
export const CONVEX_FUNCTION_PATH = "convex.function.path";
export const CONVEX_FUNCTION_TYPE = "convex.function.type";
export const CONVEX_FUNCTION_VISIBILITY = "convex.function.visibility";
export const CONVEX_COMPONENT_PATH = "convex.component.path";
export const CONVEX_REQUEST_ID = "convex.request.id";
export const CONVEX_SCHEDULED_FUNCTION_ID = "convex.scheduled_function.id";
export const CONVEX_CRON_NAME = "convex.cron.name";
export const CONVEX_SCHEDULER_DELAY = "convex.scheduler.delay";
export const CONVEX_SCHEDULER_LAG = "convex.scheduler.lag";
export const CONVEX_SCHEDULER_SCHEDULED_TIME = "convex.scheduler.scheduled_time";
export const CONVEX_DEPLOYMENT_NAME = "convex.deployment.name";
export const CONVEX_DEPLOYMENT_REGION = "convex.deployment.region";
export const CONVEX_DEPLOYMENT_CLASS = "convex.deployment.class";

// Ours: HTTP servers.
/** What kind of work a route does, such as `search`: objectives are set by class. */
export const CONVEX_HTTP_ENDPOINT_CLASS = "convex.http.endpoint.class";

// Ours: Convex database operations.
export const CONVEX_DB_QUERY_FINGERPRINT = "convex.db.query.fingerprint";
export const CONVEX_DB_INDEX_NAME = "convex.db.index.name";
/** `full_table` where every document of a table was read or filtered without an index. */
export const CONVEX_DB_QUERY_SCAN = "convex.db.query.scan";
/** How many operations one aggregate span stands for. */
export const CONVEX_DB_AGGREGATED_COUNT = "convex.db.aggregated.count";
/** Their total time in seconds. */
export const CONVEX_DB_AGGREGATED_DURATION = "convex.db.aggregated.duration";

// Ours: what databases on servers say of slow queries.
/** Present and true on a query that took longer than the threshold of its client. */
export const CONVEX_DB_QUERY_SLOW = "convex.db.query.slow";
/** The plan of a slow query as JSON, without literals. */
export const CONVEX_DB_QUERY_PLAN_TEXT = "convex.db.query.plan.text";
/** The same for all plans of one shape, whatever they cost. */
export const CONVEX_DB_QUERY_PLAN_HASH = "convex.db.query.plan.hash";
/** The planner's total cost, in its own unit. */
export const CONVEX_DB_QUERY_PLAN_COST = "convex.db.query.plan.cost";
/** How many rows the planner expects. */
export const CONVEX_DB_QUERY_PLAN_ROWS = "convex.db.query.plan.rows";
/** Tables that are read from end to end, with the columns they are filtered by: `listings (material)`. */
export const CONVEX_DB_QUERY_PLAN_SEQ_SCAN = "convex.db.query.plan.seq_scan";
/** How many plans were wanted since the one before and not got: the statement failed, or no connection was free. */
export const CONVEX_DB_QUERY_PLAN_MISSED = "convex.db.query.plan.missed";

// Ours: caches, for which OpenTelemetry has no convention. Names that Sentry published are used as they are there.
export const CACHE_NAME = "cache.name";
/** `get`, `set`, `delete` or `clear`, on the spans of the operations themselves. */
export const CACHE_OPERATION = "cache.operation";
/** A usable value was found; on a request, by all of its look-ups. */
export const CACHE_HIT = "cache.hit";
/** Present and true where the value was served after its time to live. */
export const CACHE_STALE = "cache.stale";
/** First 16 hex digits of the SHA-256 of the key. */
export const CACHE_KEY_HASH = "cache.key_hash";
export const CACHE_ENDPOINT_CLASS = "cache.endpoint.class";
/** The share of look-ups, from 0 to 1, that should hit. */
export const CACHE_TARGET_HIT_RATIO = "cache.target_hit_ratio";
/** Seconds: written, or left when the value was found. */
export const CACHE_TTL = "cache.ttl";
/** Seconds since the value was written. */
export const CACHE_ITEM_AGE = "cache.item_age";
/** How many look-ups a request made, and how many of them hit. */
export const CACHE_LOOKUP_COUNT = "cache.lookup_count";
export const CACHE_HIT_COUNT = "cache.hit_count";

// Ours: what telemetry has to say about itself.
export const CONVEX_TELEMETRY_DROPPED_SPANS = "convex.telemetry.dropped_spans";
/** Of them, those that the outbox has lost, by reason. */
export const CONVEX_TELEMETRY_DROPPED_AGE = "convex.telemetry.dropped.age";
export const CONVEX_TELEMETRY_DROPPED_BYTES = "convex.telemetry.dropped.bytes";
export const CONVEX_TELEMETRY_DROPPED_REJECTED = "convex.telemetry.dropped.rejected";
export const CONVEX_TELEMETRY_DROPPED_REFUSED = "convex.telemetry.dropped.refused";
export const CONVEX_TELEMETRY_DROPPED_PURGED = "convex.telemetry.dropped.purged";
/** Set to `frozen` where the backend has no clock that advances within a mutation. */
export const CONVEX_TELEMETRY_CLOCK = "convex.telemetry.clock";
/** True on a span that was still open when its call ended. */
export const CONVEX_TELEMETRY_UNFINISHED = "convex.telemetry.unfinished";
/** True on the first span of a call that may have arrived before: see the outbox. */
export const CONVEX_TELEMETRY_RESEND = "convex.telemetry.resend";
/** True on the spans of a call that left although its trace was not sampled. */
export const CONVEX_TRACE_PARTIAL = "convex.trace.partial";
