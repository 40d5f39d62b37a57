// Generated from the contract records by tests/Frontend.Tests (ContractsFileTests); do not edit.
// To write it anew: WARROOM_UPDATE_CONTRACTS=1 dotnet test tests/Frontend.Tests

/** A UUID, 36 characters, lower case. */
export type Uuid = string;

/** RFC 3339, in UTC. */
export type Timestamp = string;

/** The answer of `GET /api/about`. */
export interface About {
  /** The product's version. */
  readonly version: string;
  /** Whether a model that would answer now is a simulation. */
  readonly simulated_models: boolean;
  /** Whether the catalogue holds samples. */
  readonly sample_services: boolean;
}

/** One alert of an alert source, as it came in. */
export interface Alert {
  /** The source's fingerprint of the label set; with `StartsAt` it names one firing. */
  readonly fingerprint: string;
  /** The label `alertname`. */
  readonly name: string;
  /** When it began to fire. */
  readonly starts_at: Timestamp;
  /** When it was over; `null` while it fires. */
  readonly ends_at?: Timestamp;
  /** The annotation `summary` or `description`; may be empty. */
  readonly summary: string;
  /** All labels; at most 64. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where the source shows its rule; only http and https addresses are kept. */
  readonly source_url?: string;
}

/** An alert fires. */
export interface AlertFired {
  readonly kind: 'alert_fired';
  /** When it was decided, by the silo's clock. Order is by number, never by time. */
  readonly at: Timestamp;
  /** Who did it. */
  readonly by: Author;
  /** The operation it belongs to: a page finds its own posts by it. */
  readonly operation_id: Uuid;
  /** The alert. */
  readonly alert: Alert;
}

/** An alert that fired is over. */
export interface AlertResolved {
  readonly kind: 'alert_resolved';
  /** When it was decided, by the silo's clock. Order is by number, never by time. */
  readonly at: Timestamp;
  /** Who did it. */
  readonly by: Author;
  /** The operation it belongs to: a page finds its own posts by it. */
  readonly operation_id: Uuid;
  /** The alert, with its end. */
  readonly alert: Alert;
}

/** Where one alert of a batch went. */
export interface AlertRoute {
  /** The alert's fingerprint. */
  readonly fingerprint: string;
  /** The incident, or `null` if the news was old or about an alert that was never seen firing. */
  readonly incident_id?: Uuid;
  /** `opened`, `joined`, `resolved`, `repeated` or `ignored`. */
  readonly outcome: string;
}

/** The answer of `POST /api/webhooks/alertmanager`. */
export interface AlertRoutes {
  /** Where each alert went, grouped by service. */
  readonly routes: readonly AlertRoute[];
}

/** Who did something. Until identity arrives a person's name is what the client says. */
export interface Author {
  /** Person, bot, alert source or Warroom. */
  readonly kind: AuthorKind;
  /** 1 to `NameLengthMax` characters. */
  readonly name: string;
}

/** What sort of party did something. */
export type AuthorKind = 'person' | 'bot' | 'alert' | 'system';

export const authorKindValues = ['person', 'bot', 'alert', 'system'] as const satisfies readonly AuthorKind[];

/** The limits of bots and sessions. */
export const botLimits = {
  /** The longest message, in characters. */
  messageLengthMax: 32000,
  /** The longest reply, in UTF-8 bytes; there it ends as complete with finish reason `length`. */
  replyBytesMax: 65536,
  /** The longest bot name, in characters. */
  nameLengthMax: 80,
  /** The longest persona, in characters. */
  personaLengthMax: 8000,
  /** The longest session title, in characters. */
  titleLengthMax: 120,
} as const;

/** Whether a bot answers. */
export type BotStatus = 'running' | 'stopped';

export const botStatusValues = ['running', 'stopped'] as const satisfies readonly BotStatus[];

/** A bot as it is configured. */
export interface BotView {
  /** `BOT-001`, `BOT-002`, … */
  readonly id: string;
  /** 1 to `NameLengthMax` characters. */
  readonly name: string;
  /** The system prompt; up to `PersonaLengthMax` characters. */
  readonly persona: string;
  /** The model's name, such as `llama3.2:3b`; empty: the first that an endpoint offers. */
  readonly model: string;
  /** Whether it answers. */
  readonly status: BotStatus;
  /** When it was launched first. */
  readonly created_at: Timestamp;
  /** When it was last changed. */
  readonly updated_at: Timestamp;
}

/** Something in a list changed: whoever shows that list reads it again. */
export interface CatalogueChange {
  /** `service`, `bot` or `session`. */
  readonly kind: string;
  /** Its key. */
  readonly id: string;
}

/** Body of `PATCH /api/incidents/{id}`: what is left out stays. */
export interface ChangeIncidentRequest {
  /** The new title. */
  readonly title?: string;
  /** The new description; empty clears it. */
  readonly description?: string;
  /** The new severity. */
  readonly severity?: Severity;
  /** The new status; `open` on a resolved incident reopens it. */
  readonly status?: IncidentStatus;
  /** Why the status changes. */
  readonly reason?: string;
  /** If given, the change is refused unless the incident stands at this version. */
  readonly expected_version?: number;
}

/** A message or a reply of a session's history. */
export interface ChatMessage {
  /** The message's or the reply's id. */
  readonly id: Uuid;
  /** The number of the event that began it: history is in this order. */
  readonly seq: number;
  /** A person's or the bot's. */
  readonly role: MessageRole;
  /** Its text; for a reply in flight the text so far. */
  readonly text: string;
  /** Who wrote it. */
  readonly by: Author;
  /** When it was sent or begun. */
  readonly at: Timestamp;
  /** For replies: how it stands; messages are complete. */
  readonly status: ReplyStatus;
  /** For replies: the message it answers. */
  readonly message_id?: Uuid;
  /** For replies: how it ended. */
  readonly outcome?: ReplyOutcome;
}

/** Whether an endpoint is asked. */
export type CircuitState = 'closed' | 'open' | 'half_open';

export const circuitStateValues = ['closed', 'open', 'half_open'] as const satisfies readonly CircuitState[];

/** The answer of `GET /api/cluster`: the silos, as they reported themselves and as the membership sees them. */
export interface ClusterOverview {
  /** The cluster. */
  readonly cluster_id: string;
  /** When this was read, by the database's clock; all ages refer to it. */
  readonly at: Timestamp;
  /** Those that are there first, by name; then those that ended within the last hour, the latest first. At most 200. */
  readonly silos: readonly SiloEntry[];
  /** Sums over the silos that are there and report. */
  readonly totals: ClusterTotals;
}

/** Sums over silos. */
export interface ClusterTotals {
  /** How many serve. */
  readonly active: number;
  /** How many hand over. */
  readonly draining: number;
  /** How many are there and silent. */
  readonly stale: number;
  /** Grains in memory. */
  readonly activations: number;
  /** Grain calls in a second. */
  readonly calls_per_second: number;
  /** Calls that wait in mailboxes. */
  readonly mailbox_depth: number;
  /** Grains by kind, the most numerous first. */
  readonly grains: readonly GrainCount[];
}

/** Body of `PATCH /api/bots/{id}`: what is left out stays. */
export interface ConfigureBotRequest {
  /** The new name. */
  readonly name?: string;
  /** The new system prompt. */
  readonly persona?: string;
  /** The new model. */
  readonly model?: string;
  /** Running or stopped. */
  readonly status?: BotStatus;
}

/** How one dependency is. */
export interface DependencyHealth {
  /** `silo`, `database` or `ollama`. */
  readonly name: string;
  /** `ok` or `down`. */
  readonly status: string;
  /** Whether nothing works without it. */
  readonly required: boolean;
  /** What is wrong. */
  readonly error?: string;
  /** How long the answer took, in milliseconds. */
  readonly milliseconds?: number;
}

/** The description was changed. */
export interface DescriptionChanged {
  readonly kind: 'description_changed';
  /** When it was decided, by the silo's clock. Order is by number, never by time. */
  readonly at: Timestamp;
  /** Who did it. */
  readonly by: Author;
  /** The operation it belongs to: a page finds its own posts by it. */
  readonly operation_id: Uuid;
  /** After. */
  readonly to: string;
}

/** Somebody wrote into the timeline. */
export interface EntryPosted {
  readonly kind: 'posted';
  /** When it was decided, by the silo's clock. Order is by number, never by time. */
  readonly at: Timestamp;
  /** Who did it. */
  readonly by: Author;
  /** The operation it belongs to: a page finds its own posts by it. */
  readonly operation_id: Uuid;
  /** Markdown, 1 to `EntryLengthMax` characters; hostile until rendered safely. */
  readonly text: string;
}

/** How many grains of a kind are in memory. */
export interface GrainCount {
  /** The kind, such as `Incident`. */
  readonly kind: string;
  /** How many. */
  readonly count: number;
}

/** The answer of `GET /api/cluster/grains/{id}`. */
export interface GrainPlace {
  /** The grain: its type, a slash and its key. */
  readonly id: string;
  /** The silo in which it is in memory; absent if it is not. */
  readonly silo_id?: string;
}

/** The answer of `GET /ready` and `GET /api/health`. */
export interface HealthReport {
  /** `ok`, `degraded` (something optional is down) or `down` (something required is). */
  readonly status: string;
  /** Each thing that is needed. */
  readonly dependencies: readonly DependencyHealth[];
}

/** An alert in an incident's view. */
export interface IncidentAlert {
  /** The source's fingerprint. */
  readonly fingerprint: string;
  /** The alert's name. */
  readonly name: string;
  /** When it began to fire. */
  readonly starts_at: Timestamp;
  /** When it was over; `null` while it fires. */
  readonly ends_at?: Timestamp;
  /** Its summary; may be empty. */
  readonly summary: string;
  /** Where the source shows its rule. */
  readonly source_url?: string;
}

/** Something that happened to an incident. The JSON of it (snake_case, with `kind` first) is the body of its `LoggedEvent`: kinds and members are only ever added. */
export type IncidentEvent =
  | IncidentOpened
  | EntryPosted
  | TitleChanged
  | DescriptionChanged
  | SeverityChanged
  | StatusChanged
  | ServicesLinked
  | AlertFired
  | AlertResolved;

/** The limits of an incident's fields, in characters; more is refused with `incident.too_long`. */
export const incidentLimits = {
  /** The longest title. */
  titleLengthMax: 200,
  /** The longest description. */
  descriptionLengthMax: 10000,
  /** The longest reason of a change of status. */
  reasonLengthMax: 1000,
  /** The longest timeline entry. */
  entryLengthMax: 10000,
  /** The most services one incident is linked to. */
  servicesMax: 50,
  /** The most alerts one incident keeps in its view; the timeline keeps all. */
  alertsMax: 200,
} as const;

/** The incident was opened: always event 1. */
export interface IncidentOpened {
  readonly kind: 'opened';
  /** When it was decided, by the silo's clock. Order is by number, never by time. */
  readonly at: Timestamp;
  /** Who did it. */
  readonly by: Author;
  /** The operation it belongs to: a page finds its own posts by it. */
  readonly operation_id: Uuid;
  /** Its title. */
  readonly title: string;
  /** Its description; may be empty. */
  readonly description: string;
  /** How bad it is. */
  readonly severity: Severity;
  /** The service it is about, if any. */
  readonly service?: string;
  /** When the trouble began. */
  readonly started_at: Timestamp;
}

/** Where an incident stands. Between the unresolved ones it may go forwards and back, but never back to `Open` except by reopening a resolved one. */
export type IncidentStatus = 'open' | 'investigating' | 'identified' | 'monitoring' | 'resolved';

export const incidentStatusValues = ['open', 'investigating', 'identified', 'monitoring', 'resolved'] as const satisfies readonly IncidentStatus[];

/** An incident in a list. */
export interface IncidentSummary {
  /** Its id. */
  readonly id: Uuid;
  /** The number of its last timeline event: of two summaries the higher is the newer. */
  readonly version: number;
  /** Its title. */
  readonly title: string;
  /** Its description; may be empty. */
  readonly description: string;
  /** How bad it is. */
  readonly severity: Severity;
  /** Where it stands. */
  readonly status: IncidentStatus;
  /** The service it was opened for, if any. */
  readonly service?: string;
  /** When it was reported. */
  readonly created_at: Timestamp;
  /** When the trouble began. */
  readonly started_at: Timestamp;
  /** The time of its last event. */
  readonly updated_at: Timestamp;
  /** When it was resolved, if it is. */
  readonly resolved_at?: Timestamp;
  /** How many of its alerts are firing now. */
  readonly alerts_firing: number;
}

/** What listeners of one incident get: events in order, and the incident after the last of them. */
export interface IncidentUpdate {
  /** The incident. */
  readonly incident_id: Uuid;
  /** One or more committed events with consecutive numbers. */
  readonly events: readonly LoggedEvent[];
  /** The incident after the last of `Events`. */
  readonly incident: IncidentView;
}

/** An incident as it stands after its event number `Version`. */
export interface IncidentView {
  /** Its id, a version 7 UUID. */
  readonly id: Uuid;
  /** The number of its last timeline event. */
  readonly version: number;
  /** 1 to `TitleLengthMax` characters. */
  readonly title: string;
  /** May be empty. */
  readonly description: string;
  /** How bad it is. */
  readonly severity: Severity;
  /** Where it stands. */
  readonly status: IncidentStatus;
  /** The service it was opened for, if any; also first in `Services`. */
  readonly service?: string;
  /** All services it is linked to. */
  readonly services: readonly string[];
  /** The alerts that opened or joined it, oldest first. */
  readonly alerts: readonly IncidentAlert[];
  /** When it was reported. */
  readonly created_at: Timestamp;
  /** When the trouble began, as far as known; never after `CreatedAt`. */
  readonly started_at: Timestamp;
  /** The time of its last event. */
  readonly updated_at: Timestamp;
  /** When it was resolved; `null` while it is not. */
  readonly resolved_at?: Timestamp;
  /** Who opened it. */
  readonly opened_by: Author;
}

/** Body of `POST /api/bots`. */
export interface LaunchBotRequest {
  /** Required; 1 to 80 characters. */
  readonly name?: string;
  /** The system prompt; up to 8,000 characters. */
  readonly persona?: string;
  /** The model's name; empty: the first that an endpoint offers. */
  readonly model?: string;
}

/** Body of `POST /api/incidents/{id}/services`. */
export interface LinkServicesRequest {
  /** Names; those already linked are passed over. */
  readonly services?: readonly string[];
}

/** A reply whose tokens are coming. */
export interface LiveReply {
  /** The reply's id. */
  readonly reply_id: Uuid;
  /** The message it answers. */
  readonly message_id: Uuid;
  /** Its text so far. */
  readonly text: string;
  /** The number of the next token: those below it are in `Text`. Numbers start at 0 for each reply. */
  readonly next_token: number;
  /** When it began. */
  readonly started_at: Timestamp;
  /** The model that answers; empty until known. */
  readonly model: string;
  /** How many are in front of it in the model's queue; 0 when it is being answered. */
  readonly queued: number;
}

/** One committed event of a log (an incident's timeline, a bot session). Within one log `Seq` runs 1, 2, 3, … without a gap, and each event's hash covers its predecessor's: `hash(n) = SHA-256(hash(n-1) as 64 lower-case hex digits, '\n', owner id as 36 characters, '\n', seq in decimal, '\n', body)`, all in UTF-8; hash(0) is 64 times '0'. A fork or a later edit therefore shows, also to a browser. */
export interface LoggedEvent {
  /** 1, 2, 3, … within its log. */
  readonly seq: number;
  /** 64 lower-case hex digits. */
  readonly hash: string;
  /** The event as JSON text (an `IncidentEvent` or a `SessionEvent`), to the letter as it was hashed and stored. */
  readonly body: string;
}

/** A page of a session's history. */
export interface MessagePage {
  /** Oldest first. */
  readonly messages: readonly ChatMessage[];
  /** The number of the session's last event that `Messages` know of. */
  readonly version: number;
  /** Whether there are messages before the first of `Messages`. */
  readonly more: boolean;
}

/** Who a message is from. */
export type MessageRole = 'user' | 'assistant';

export const messageRoleValues = ['user', 'assistant'] as const satisfies readonly MessageRole[];

/** A person wrote. */
export interface MessageSent {
  readonly kind: 'message_sent';
  /** When, by the silo's clock. */
  readonly at: Timestamp;
  /** Who. */
  readonly by: Author;
  /** The operation it belongs to. */
  readonly operation_id: Uuid;
  /** The message's id: the operation id of its sending. */
  readonly message_id: Uuid;
  /** 1 to `MessageLengthMax` characters; hostile until rendered safely. */
  readonly text: string;
}

/** A model server. */
export interface ModelEndpoint {
  /** Its address. */
  readonly url: string;
  /** Whether it answered just now. */
  readonly healthy: boolean;
  /** Why it is not healthy. */
  readonly error?: string;
  /** Its circuit breaker. */
  readonly circuit: CircuitState;
  /** Requests that it works on now. */
  readonly active: number;
  /** Requests that wait for it. */
  readonly queued: number;
  /** What it offers. */
  readonly models: readonly OfferedModel[];
}

/** The answer of `GET /api/models`. */
export interface ModelList {
  /** All endpoints, in the order in which they are tried. */
  readonly endpoints: readonly ModelEndpoint[];
}

/** A model that an endpoint offers. */
export interface OfferedModel {
  /** Such as `llama3.2:3b`. */
  readonly name: string;
  /** Such as `llama`; empty if the endpoint does not say. */
  readonly family: string;
  /** Its size in words, such as `3.2B` parameters; empty if the endpoint does not say. */
  readonly size: string;
  /** Whether it is a simulation. */
  readonly simulated: boolean;
}

/** Body of `POST /api/incidents`. */
export interface OpenIncidentRequest {
  /** Required; 1 to 200 characters. */
  readonly title?: string;
  /** Up to 10,000 characters. */
  readonly description?: string;
  /** `medium` unless given. */
  readonly severity?: Severity;
  /** The service it is about. */
  readonly service?: string;
  /** When the trouble began; now unless given. */
  readonly started_at?: Timestamp;
}

/** An operator's command, which is its own line in the audit trail: who asked for what and when, and what came of it. */
export interface OperatorCommand {
  /** The operation id it was given with. */
  readonly id: Uuid;
  /** What is asked for. */
  readonly kind: OperatorCommandKind;
  /** The silo that it is about, if it is about one. */
  readonly silo_id?: string;
  /** The grain that it is about, if it is about one. */
  readonly grain_id?: string;
  /** Who asked. */
  readonly requested_by: string;
  /** When, by the database's clock. */
  readonly requested_at: Timestamp;
  /** When it was begun. */
  readonly started_at?: Timestamp;
  /** When it was over. */
  readonly finished_at?: Timestamp;
  /** What came of it; absent until it is over. */
  readonly outcome?: OperatorCommandOutcome;
}

/** What an operator asked for. */
export type OperatorCommandKind = 'drain' | 'deactivate';

export const operatorCommandKindValues = ['drain', 'deactivate'] as const satisfies readonly OperatorCommandKind[];

/** What came of it. */
export type OperatorCommandOutcome = 'done' | 'not_active' | 'failed';

export const operatorCommandOutcomeValues = ['done', 'not_active', 'failed'] as const satisfies readonly OperatorCommandOutcome[];

/** Body of `POST /api/incidents/{id}/timeline`. */
export interface PostEntryRequest {
  /** Required; 1 to 10,000 characters of Markdown. */
  readonly text?: string;
}

/** Every error's body, `application/problem+json` (RFC 9457). */
export interface Problem {
  /** `https://warroom.dev/problems/` and the code. */
  readonly type: string;
  /** What the status means. */
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  /** A sentence that says what was wrong and what to do. */
  readonly detail: string;
  /** Stable, dotted, lower-case: choose by it. */
  readonly code: string;
  /** Finds the request in logs and traces. */
  readonly trace_id: string;
  /** The same sentence as `Detail`. */
  readonly error: string;
  /** For an unknown outcome: send the same again under this `Idempotency-Key`. */
  readonly operation_id?: Uuid;
}

/** What a process uses. */
export interface ProcessFigures {
  /** Resident memory, in bytes. */
  readonly working_set_bytes: number;
  /** Managed memory, in bytes, garbage included. */
  readonly managed_bytes: number;
  /** Processors that it may use. */
  readonly processors: number;
  /** Processor time, in per cent of one processor. */
  readonly cpu_percent: number;
  /** Time in which the garbage collector held everything up, in per cent. */
  readonly gc_pause_percent: number;
  /** Collections of generation 0 since the start. */
  readonly gen0_collections: number;
  /** Collections of generation 1 since the start. */
  readonly gen1_collections: number;
  /** Collections of generation 2 since the start. */
  readonly gen2_collections: number;
  /** Threads of the thread pool. */
  readonly threads: number;
  /** What waits for a thread of the pool. */
  readonly queued_work: number;
}

/** Body of `PUT /api/services/{name}`: what is left out stays. */
export interface PutServiceRequest {
  /** What it is; up to 2,000 characters. */
  readonly description?: string;
  /** Whose it is; up to 100 characters. */
  readonly owner?: string;
  /** The services that it needs; at most 100. */
  readonly depends_on?: readonly string[];
  /** How it is. */
  readonly health?: ServiceHealth;
}

/** The answer to a command that wrote events and is durable now. */
export interface Receipt {
  /** The number of the last event that it wrote; a resend gets the same. */
  readonly seq: number;
  /** Whether the operation id was seen before and nothing was written this time. */
  readonly repeated: boolean;
}

/** The reply is over: exactly one for each `ReplyStarted`, whatever dies. */
export interface ReplyEnded {
  readonly kind: 'reply_ended';
  /** When, by the silo's clock. */
  readonly at: Timestamp;
  /** Who. */
  readonly by: Author;
  /** The operation it belongs to. */
  readonly operation_id: Uuid;
  /** The reply's id. */
  readonly reply_id: Uuid;
  /** Complete, stopped, failed or interrupted. */
  readonly status: ReplyStatus;
  /** All of its text that is kept (with what it continued from). */
  readonly text: string;
  /** The model that answered, if one did. */
  readonly model: string;
  /** Whether the model is a simulation. */
  readonly simulated: boolean;
  /** For `Failed`: what to tell the user, such as "Ollama temporarily unavailable". */
  readonly error?: string;
  /** For `Failed`: a stable code, such as `model.unavailable`. */
  readonly error_code?: string;
  /** Why the model ended it: `stop` or `length`. */
  readonly finish_reason?: string;
  /** Tokens of the prompt, if the model said. */
  readonly prompt_tokens?: number;
  /** Tokens of the reply, if the model said. */
  readonly reply_tokens?: number;
  /** From the start of the reply to its first token, in milliseconds. */
  readonly first_token_ms?: number;
  /** From the start of the reply to its end, in milliseconds. */
  readonly duration_ms?: number;
}

/** How a reply ended; see `ReplyEnded`. */
export interface ReplyOutcome {
  /** The model that answered. */
  readonly model: string;
  /** Whether it is a simulation. */
  readonly simulated: boolean;
  /** What to tell the user when it failed. */
  readonly error?: string;
  /** A stable code when it failed. */
  readonly error_code?: string;
  /** `stop` or `length`. */
  readonly finish_reason?: string;
  /** Tokens of the prompt. */
  readonly prompt_tokens?: number;
  /** Tokens of the reply. */
  readonly reply_tokens?: number;
  /** To the first token, in milliseconds. */
  readonly first_token_ms?: number;
  /** To the end, in milliseconds. */
  readonly duration_ms?: number;
}

/** The bot began to answer. */
export interface ReplyStarted {
  readonly kind: 'reply_started';
  /** When, by the silo's clock. */
  readonly at: Timestamp;
  /** Who. */
  readonly by: Author;
  /** The operation it belongs to. */
  readonly operation_id: Uuid;
  /** The reply's id. */
  readonly reply_id: Uuid;
  /** The message it answers. */
  readonly message_id: Uuid;
  /** The reply that this one stands in for (regenerate): it is no longer shown. */
  readonly replaces?: Uuid;
  /** The interrupted, stopped or failed reply whose text this one goes on from (continue): its text is the beginning of this one's, and it is no longer shown by itself. */
  readonly continues?: Uuid;
  /** The model that was asked; empty when it is chosen by the endpoint. */
  readonly model: string;
}

/** How a reply stands. All but `Streaming` are final. */
export type ReplyStatus = 'streaming' | 'complete' | 'stopped' | 'failed' | 'interrupted';

export const replyStatusValues = ['streaming', 'complete', 'stopped', 'failed', 'interrupted'] as const satisfies readonly ReplyStatus[];

/** Body of `POST /api/sessions/{id}/messages`. */
export interface SendMessageRequest {
  /** Required; 1 to 32,000 characters. */
  readonly text?: string;
}

/** A service of the catalogue, as `GET /api/services` gives it. */
export interface ServiceEntry {
  /** Its name. */
  readonly name: string;
  /** What it is. */
  readonly description: string;
  /** Whose it is. */
  readonly owner: string;
  /** The services that it needs. */
  readonly depends_on: readonly string[];
  /** How it is, as said. */
  readonly health: ServiceHealth;
  /** Whether it is one of the samples of a first start. */
  readonly sample: boolean;
  /** When it was registered. */
  readonly created_at: Timestamp;
  /** When it was last changed. */
  readonly updated_at: Timestamp;
  /** How many incidents that are not resolved are linked to it. */
  readonly open_incidents: number;
}

/** How a service is, as said by its people. */
export type ServiceHealth = 'unknown' | 'healthy' | 'degraded' | 'down';

export const serviceHealthValues = ['unknown', 'healthy', 'degraded', 'down'] as const satisfies readonly ServiceHealth[];

/** Services were linked. */
export interface ServicesLinked {
  readonly kind: 'services_linked';
  /** When it was decided, by the silo's clock. Order is by number, never by time. */
  readonly at: Timestamp;
  /** Who did it. */
  readonly by: Author;
  /** The operation it belongs to: a page finds its own posts by it. */
  readonly operation_id: Uuid;
  /** Those that were not linked before. */
  readonly services: readonly string[];
}

/** The answer to a command that is durable now. */
export interface SessionAck {
  /** The number of the last event that the command wrote; a resend gets the same. */
  readonly seq: number;
  /** Whether the operation id was seen before. */
  readonly repeated: boolean;
  /** The session as it stands now. */
  readonly session: SessionView;
}

/** Something that happened in a bot session; as JSON the body of its `LoggedEvent`. Kinds and members are only ever added. */
export type SessionEvent =
  | SessionStarted
  | MessageSent
  | ReplyStarted
  | ReplyEnded
  | SessionRenamed;

/** The title was changed. */
export interface SessionRenamed {
  readonly kind: 'session_renamed';
  /** When, by the silo's clock. */
  readonly at: Timestamp;
  /** Who. */
  readonly by: Author;
  /** The operation it belongs to. */
  readonly operation_id: Uuid;
  /** The new title. */
  readonly title: string;
}

/** The session began: always event 1. */
export interface SessionStarted {
  readonly kind: 'session_started';
  /** When, by the silo's clock. */
  readonly at: Timestamp;
  /** Who. */
  readonly by: Author;
  /** The operation it belongs to. */
  readonly operation_id: Uuid;
  /** The bot. */
  readonly bot_id: string;
  /** The session's title. */
  readonly title: string;
}

/** What listeners of one session get, in order: committed events, or tokens on their way, or both (events first). */
export interface SessionUpdate {
  /** The session. */
  readonly session_id: Uuid;
  /** Committed events with consecutive numbers; may be empty. */
  readonly events: readonly LoggedEvent[];
  /** Tokens on their way. */
  readonly tokens?: TokenBatch;
}

/** A bot session as it stands after its event number `Version`. */
export interface SessionView {
  /** Its id, a version 7 UUID. */
  readonly id: Uuid;
  /** The number of its last event. */
  readonly version: number;
  /** The bot. */
  readonly bot_id: string;
  /** Its title; at first the beginning of the first message. */
  readonly title: string;
  /** When it began. */
  readonly created_at: Timestamp;
  /** The time of its last event. */
  readonly updated_at: Timestamp;
  /** How many messages and replies it has. */
  readonly message_count: number;
  /** The reply in flight, with all of its text so far; `null` if there is none. */
  readonly live?: LiveReply;
}

/** How bad it is. */
export type Severity = 'critical' | 'high' | 'medium' | 'low';

export const severityValues = ['critical', 'high', 'medium', 'low'] as const satisfies readonly Severity[];

/** The severity was changed. */
export interface SeverityChanged {
  readonly kind: 'severity_changed';
  /** When it was decided, by the silo's clock. Order is by number, never by time. */
  readonly at: Timestamp;
  /** Who did it. */
  readonly by: Author;
  /** The operation it belongs to: a page finds its own posts by it. */
  readonly operation_id: Uuid;
  /** Before. */
  readonly from: Severity;
  /** After. */
  readonly to: Severity;
}

/** A silo. */
export interface SiloEntry {
  /** Its address with its generation, such as `127.0.0.1:11111@154222307`: no silo before or after has the same. */
  readonly id: string;
  /** Its name, for people. */
  readonly name: string;
  /** Where other silos reach it. */
  readonly address: string;
  /** What it is doing. */
  readonly status: SiloState;
  /** Whether it should have reported by now and has not: the figures are old. */
  readonly stale: boolean;
  /** When it started. */
  readonly started_at: Timestamp;
  /** When it was found dead or had ended. */
  readonly ended_at?: Timestamp;
  /** How old its last report is, in milliseconds. Absent: it has not reported yet. */
  readonly report_age_ms?: number;
  /** How long ago it renewed its lease, in milliseconds. Absent: there is no lease (one process), or this engine does not say. */
  readonly lease_age_ms?: number;
  /** What it reported last. */
  readonly figures?: SiloFigures;
  /** The latest order to drain it. */
  readonly drain?: OperatorCommand;
}

/** What a silo reports of itself, once a second. Figures are of this silo alone. */
export interface SiloFigures {
  /** The product's version. */
  readonly version: string;
  /** The machine. */
  readonly machine: string;
  /** The process id on that machine. */
  readonly process_id: number;
  /** Whether a front end is in the same process: who drains it ends both. */
  readonly with_frontend: boolean;
  /** Where the process answers over HTTP: a silo's health and metrics. */
  readonly addresses: readonly string[];
  /** How long the process has been running, in seconds. */
  readonly uptime_seconds: number;
  /** Memory, processor, garbage collector. */
  readonly process: ProcessFigures;
  /** Grains in memory. */
  readonly activations: number;
  /** The same by kind, the most numerous first; at most 50 kinds. */
  readonly grains: readonly GrainCount[];
  /** Grain calls that ended in a second, over the last ten. */
  readonly calls_per_second: number;
  /** How long half of these took at most, in milliseconds. Absent: there were none. */
  readonly call_p50_ms?: number;
  /** How long 99 of 100 took at most, in milliseconds. Absent: there were none. */
  readonly call_p99_ms?: number;
  /** Calls that wait in mailboxes. Absent: this engine does not say. */
  readonly mailbox_depth?: number;
  /** Grains in memory when it began to stop. Absent: it has not. */
  readonly activations_before_drain?: number;
}

/** What a silo is doing. */
export type SiloState = 'starting' | 'active' | 'draining' | 'stopped' | 'dead';

export const siloStateValues = ['starting', 'active', 'draining', 'stopped', 'dead'] as const satisfies readonly SiloState[];

/** How a front end stands to what it needs: told to all who watch the lists when they join, and whenever it changes. */
export interface Standing {
  /** What does not answer: `silo`, `database`. Empty when all is well. */
  readonly away: readonly string[];
  /** How long the first of these had been away when this was sent, in milliseconds; absent when all is well. A duration, because the page's clock need not be the server's. */
  readonly away_ms?: number;
}

/** Body of `POST /api/sessions`. */
export interface StartSessionRequest {
  /** Required: the bot. */
  readonly bot_id?: string;
  /** Its title; the beginning of the first message unless given. */
  readonly title?: string;
}

/** The status was changed; from `resolved` it is a reopening. */
export interface StatusChanged {
  readonly kind: 'status_changed';
  /** When it was decided, by the silo's clock. Order is by number, never by time. */
  readonly at: Timestamp;
  /** Who did it. */
  readonly by: Author;
  /** The operation it belongs to: a page finds its own posts by it. */
  readonly operation_id: Uuid;
  /** Before. */
  readonly from: IncidentStatus;
  /** After. */
  readonly to: IncidentStatus;
  /** Why, if it was said. */
  readonly reason?: string;
}

/** A page of a timeline. */
export interface TimelinePage {
  /** Events in order, from the one after `after`. */
  readonly events: readonly LoggedEvent[];
  /** The number of the incident's last event. */
  readonly version: number;
  /** Whether there are events after the last of `Events`. */
  readonly more: boolean;
}

/** The title was changed. */
export interface TitleChanged {
  readonly kind: 'title_changed';
  /** When it was decided, by the silo's clock. Order is by number, never by time. */
  readonly at: Timestamp;
  /** Who did it. */
  readonly by: Author;
  /** The operation it belongs to: a page finds its own posts by it. */
  readonly operation_id: Uuid;
  /** Before. */
  readonly from: string;
  /** After. */
  readonly to: string;
}

/** Tokens of a reply on their way: what one read of the model's body brought. */
export interface TokenBatch {
  /** The reply. */
  readonly reply_id: Uuid;
  /** The number of the first of `Tokens`; the others follow without a gap. */
  readonly first_token: number;
  /** One or more. */
  readonly tokens: readonly string[];
}

/** The answer to the hub's `Watch(incidentId, afterSeq)`. */
export interface WatchedIncident {
  /** The incident, at or after the last of `Events`. */
  readonly incident: IncidentView;
  /** The events after `afterSeq`, at most 500. */
  readonly events: readonly LoggedEvent[];
  /** Whether there are events between the last of `Events` and the incident's version: call again with the last number. */
  readonly more: boolean;
}

/** The answer to the hub's `Watch(sessionId, afterSeq)`. */
export interface WatchedSession {
  /** The session as it stands after the last of `Events`, with the reply in flight and its text so far. */
  readonly session: SessionView;
  /** If given, the last 100 messages as they stood before the first of `Events`: they take the place of all that the client has. Left out when `Events` alone bring the client up to date. */
  readonly messages?: readonly ChatMessage[];
  /** Events to apply in order, after `Messages` if they are given; the last has the number of the session's version. */
  readonly events: readonly LoggedEvent[];
  /** Whether there are messages before the first of `Messages`. */
  readonly more_before: boolean;
}
